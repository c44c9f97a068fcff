// What the process itself uses, under the names that Prometheus' client libraries give it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/metrics/metrics.h"

namespace sluice::metrics {

struct ProcessUsage {
  uint64_t resident_bytes = 0;
  uint64_t virtual_bytes = 0;
  double cpu_seconds = 0;  // user and system, of all threads
  double start_unix_seconds = 0;
  uint64_t threads = 0;
  uint64_t open_fds = 0;
  uint64_t max_fds = 0;  // 0: unlimited
};

// Read from /proc; kUnavailable where there is none.
absl::StatusOr<ProcessUsage> ReadProcessUsage();

// Adds process_resident_memory_bytes, process_virtual_memory_bytes, process_cpu_seconds_total,
// process_start_time_seconds, process_threads, process_open_fds and process_max_fds, read anew for
// each Text().
void AddProcessMetrics(Registry& registry);

}  // namespace sluice::metrics
