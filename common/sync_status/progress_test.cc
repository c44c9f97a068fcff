// SPDX-License-Identifier: Apache-2.0
#include "common/sync_status/progress.h"

#include <catch2/catch.hpp>

namespace sluice::sync_status {
namespace {

using api::ConditionStatus;

TEST_CASE("an object is ready, failed, or on its way to a revision", "[sync_status]") {
  struct Row {
    const char* what;
    std::function<void(SyncStatus&)> change;
    Goal goal;
    Progress progress;
  };
  const Row rows[] = {
      {"ready there", [](SyncStatus&) {}, {"abc", ""}, Progress::kReady},
      {"ready anywhere", [](SyncStatus&) {}, {"", ""}, Progress::kReady},
      {"ready elsewhere", [](SyncStatus&) {}, {"def", ""}, Progress::kPending},
      {"ready for an older spec",
       [](SyncStatus& s) { s.generation = 3; },
       {"abc", ""},
       Progress::kPending},
      {"the request is not handled", [](SyncStatus&) {}, {"", "later"}, Progress::kPending},
      {"the request is handled", [](SyncStatus&) {}, {"", "now"}, Progress::kReady},
      {"suspended elsewhere",
       [](SyncStatus& s) { s.suspended = true; },
       {"def", ""},
       Progress::kFailed},
      {"suspended there", [](SyncStatus& s) { s.suspended = true; }, {"abc", ""}, Progress::kReady},
      {"stalled",
       [](SyncStatus& s) {
         s.ready = ConditionStatus::kFalse;
         s.stalled = true;
       },
       {"def", ""},
       Progress::kFailed},
      {"tried and failed",
       [](SyncStatus& s) {
         s.ready = ConditionStatus::kFalse;
         s.last_attempted_revision = "main@def";
         s.observed_generation = -1;
       },
       {"def", ""},
       Progress::kFailed},
      {"another one failed",
       [](SyncStatus& s) {
         s.ready = ConditionStatus::kFalse;
         s.last_attempted_revision = "main@xyz";
       },
       {"def", ""},
       Progress::kPending},
      {"failed, nothing asked",
       [](SyncStatus& s) { s.ready = ConditionStatus::kFalse; },
       {"", ""},
       Progress::kPending},
      {"failed what was asked",
       [](SyncStatus& s) { s.ready = ConditionStatus::kFalse; },
       {"", "now"},
       Progress::kFailed},
      {"no condition yet",
       [](SyncStatus& s) { s.has_ready = false; },
       {"abc", ""},
       Progress::kPending},
      {"in progress",
       [](SyncStatus& s) { s.ready = ConditionStatus::kUnknown; },
       {"abc", ""},
       Progress::kPending},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    SyncStatus status;
    status.has_ready = true;
    status.ready = ConditionStatus::kTrue;
    status.revision = "main@sha1:abc";
    status.generation = 2;
    status.observed_generation = 2;
    status.last_handled_reconcile_at = "now";
    row.change(status);
    CHECK(ProgressOf(status, row.goal) == row.progress);
  }
}

}  // namespace
}  // namespace sluice::sync_status
