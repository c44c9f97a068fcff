// The tables behind unicode.h. Not for use elsewhere.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace sluice::text {

struct Range {
  uint32_t first, last;  // inclusive
};

// Every `step`th character from `first` to `last` maps to the one `delta` further on.
struct CaseRun {
  uint32_t first, last;
  uint32_t step;
  int32_t delta;
};

// Each ascending, without overlap.
extern const std::span<const Range> kLetters;    // category L
extern const std::span<const Range> kDigits;     // category Nd
extern const std::span<const Range> kPrintable;  // L, M, N, P, S and the ASCII space
extern const std::span<const Range> kNumbers;      // category N
extern const std::span<const Range> kPunctuation;  // category P
// Category Lu: what has an entry. It maps nowhere; half of the letters take turns, as the runs do.
extern const std::span<const CaseRun> kUpperCase;
extern const std::span<const CaseRun> kToUpper;
extern const std::span<const CaseRun> kToLower;

}  // namespace sluice::text
