// What running a program costs.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace sluice::bench {

struct ProcessCost {
  double wall_ms = 0;
  double cpu_ms = 0;     // user and system
  double memory_mb = 0;  // largest resident set, at least this process's own when it starts another
};

// Runs `words[0]`, a path, to its end, its output thrown away. kInternal if it fails.
absl::StatusOr<ProcessCost> RunOnce(const std::vector<std::string>& words);

// The median of each over several runs; memory is the largest.
ProcessCost Median(std::vector<ProcessCost> runs);

// Where `program` is on $PATH, or "".
std::string OnPath(const std::string& program);

}  // namespace sluice::bench
