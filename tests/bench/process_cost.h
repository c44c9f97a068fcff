// What running a program costs, beside another that does the same.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/figures.h"

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

// A command that is run so often; not at all without words.
struct Rounds {
  std::vector<std::string> words;
  size_t count = 1;
};

// Adds time, processor time and memory of `ours`, and those of `theirs` as reference. The two take
// turns, so that both see the same machine.
absl::Status Compare(Figures& figures, const std::string& what, const Rounds& ours,
                     const Rounds& theirs);

// The path of the program `name` of this build.
std::string Beside(const std::string& name);

}  // namespace sluice::bench
