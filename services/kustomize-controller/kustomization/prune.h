// Deleting what a Kustomization applied before and does not hold any more (spec/kustomize.md §4.8),
// with two safeguards that Flux does not have:
//
//   - hand-over: an object that moves to another Kustomization is adopted by it, not deleted first
//     and made anew after;
//   - budget: more deletions at once than were allowed wait for a confirmation.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/remote_cluster/target.h"
#include "common/ssa/object_id.h"
#include "services/kustomize-controller/kustomization/memory.h"
#include "services/kustomize-controller/kustomization/session.h"

namespace sluice::kustomize_controller {

// On a Kustomization: how many objects one prune may delete without confirmation, and the token of
// the deletions that are confirmed.
inline constexpr char kPruneBudgetAnnotation[] = "sluice.dev/prune-budget";
inline constexpr char kPruneConfirmedAnnotation[] = "sluice.dev/prune-confirmed";

struct PruneOutcome {
  enum class State {
    kDone,
    kFailed,   // some object could not be deleted
    kHeld,     // by the budget
    kWaiting,  // for Kustomizations that may take objects over
  };
  State state = State::kDone;
  absl::Status error;  // kFailed, kHeld
};

// Deletes what `before` holds beyond `now` if spec.prune says so, and leaves in status.inventory
// what is ours after that. `default_budget` is for Kustomizations without annotation; negative:
// unlimited.
PruneOutcome PruneStale(const Context& ctx, const remote_cluster::Target& target,
                        const Neighbours& neighbours, int default_budget,
                        const ssa::Inventory& before, ssa::Inventory now, Memory& memory,
                        Session& session);

}  // namespace sluice::kustomize_controller
