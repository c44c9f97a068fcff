// Durations and times as Go writes them: what is printed is read as the same.

// SPDX-License-Identifier: Apache-2.0
#include "common/base/duration.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(durations, input) {
  if (const auto duration = ParseGoDuration(input); duration.ok()) {
    const auto again = ParseGoDuration(FormatGoDuration(*duration));
    Require(again.ok() && *again == *duration, "a duration is read as printed", input);
  }
  if (const auto time = ParseRfc3339(input); time.ok()) {
    const auto again = ParseRfc3339(FormatRfc3339Nano(*time));
    Require(again.ok() && *again == *time, "a time is read as printed", input);
  }
}

}  // namespace sluice::fuzz
