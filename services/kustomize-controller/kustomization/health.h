// Are the applied objects healthy? (spec/kustomize.md §5.1, §5.2)
//
// A check holds no worker. While it goes on the reconciliation ends, what it needs to go on stands
// in Memory, and a change of an object, or the time given here, brings it back.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/remote_cluster/target.h"
#include "common/ssa/change_set.h"
#include "common/ssa/health_rules.h"
#include "services/kustomize-controller/kustomization/memory.h"
#include "services/kustomize-controller/kustomization/session.h"

namespace sluice::kustomize_controller {

struct HealthOutcome {
  enum class State { kHealthy, kWaiting, kFailed };
  State state = State::kHealthy;
  absl::Status error;                                    // kFailed
  absl::Duration look_again = absl::InfiniteDuration();  // kWaiting: at the latest
};

// Looks once, and writes what it sees to the session's conditions. A check that has begun before
// goes on (`memory.waiting`); one that ends is taken out of the memory.
HealthOutcome CheckHealth(const Context& ctx, const remote_cluster::Target& target,
                          const ssa::HealthRules& rules, bool fail_fast,
                          const ssa::ChangeSet& changes, Memory& memory, Session& session);

}  // namespace sluice::kustomize_controller
