// What a release is found to be (spec/helm.md §2.12).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/helm_release/record.h"
#include "services/helm-controller/helm_release/drift.h"
#include "services/helm-controller/helm_release/work.h"

namespace sluice::helm_controller {

enum class ReleaseState : uint8_t {
  kAbsent,
  kBusy,       // somebody else is in the middle of an action
  kLocked,     // somebody was, and is no more
  kUnmanaged,  // there, but not as we left it
  kFailed,
  kOutOfSync,  // chart, values or rendering have changed
  kUntested,
  kDrifted,  // the cluster has
  kInSync,
};

struct Observed {
  ReleaseState state = ReleaseState::kInSync;
  std::string reason;
  Drift drift;          // of kDrifted
  absl::Duration wait;  // of kBusy: look again after it
};

// Looks at the storage and, where drift is to be detected, at the cluster. Revisions that an
// interrupted run of ours left behind are put into status.history first, so that a crash is not
// taken for somebody else's doing.
absl::StatusOr<Observed> Observe(const Context& ctx, Work& work);

}  // namespace sluice::helm_controller
