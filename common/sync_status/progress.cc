// SPDX-License-Identifier: Apache-2.0
#include "common/sync_status/progress.h"

#include "absl/strings/match.h"

namespace sluice::sync_status {

Progress ProgressOf(const SyncStatus& status, const Goal& goal) {
  const bool handled =
      goal.requested_at.empty() || status.last_handled_reconcile_at == goal.requested_at;
  const bool there = absl::StrContains(status.revision, goal.revision);
  const bool current = status.observed_generation >= status.generation;
  if (handled && there && current && status.has_ready &&
      status.ready == api::ConditionStatus::kTrue) {
    return Progress::kReady;
  }
  if (status.suspended) return Progress::kFailed;
  if (!handled) return Progress::kPending;
  if (status.stalled && current) return Progress::kFailed;
  if (!status.has_ready || status.ready != api::ConditionStatus::kFalse) return Progress::kPending;
  // A failed attempt leaves observedGeneration alone, so that says nothing here.
  if (goal.revision.empty()) {
    return goal.requested_at.empty() ? Progress::kPending : Progress::kFailed;
  }
  const bool tried = there || absl::StrContains(status.last_attempted_revision, goal.revision);
  return tried ? Progress::kFailed : Progress::kPending;
}

}  // namespace sluice::sync_status
