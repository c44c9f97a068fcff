// What replicas did and when, read from their logs (--log-level=debug).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace sluice::e2e {

struct ReconcileLog {
  int calls = 0;
  // Objects that were reconciled twice at once, with the times.
  std::vector<std::string> overlaps;
};

// From what each replica printed. A call that was cut off by a kill counts as ended with the last
// line before the replica's next start.
ReconcileLog ReadReconcileLogs(const std::vector<std::string>& outputs);

}  // namespace sluice::e2e
