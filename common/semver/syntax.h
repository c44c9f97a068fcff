// The text of versions and constraints taken apart; what the pieces mean is decided in version.cc
// and constraint.cc. Each function accepts exactly what the regular expressions of
// Masterminds/semver 3.5 do. Their quirks are kept, because a constraint is valid or not, and is
// quoted in an error, by them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::semver {

// ASCII letters, digits and "-".
bool IsIdentifierCharacter(char c);

// A version, or the part of a constraint that looks like one; views into the text it came from.
struct Pattern {
  absl::string_view text;                 // all of it, with the "v" if there is one
  absl::string_view major, minor, patch;  // "" where absent; only `major` never is
  absl::string_view prerelease;           // without "-"
  absl::string_view metadata;             // without "+"
};

enum class Digits : uint8_t {
  kOnlyNumbers,
  kWildcardsToo,  // "x", "X", "*", and "|" by a slip of the reference
};

// Takes the longest version off the front of `text`; nothing if there is none.
std::optional<Pattern> ConsumePattern(absl::string_view& text, Digits digits);

// One comparison of a constraint: "" or an operator, and what it compares with.
struct Comparison {
  absl::string_view op;
  Pattern pattern;
};

// The comparisons between two "||"; nothing if `group` is malformed.
std::optional<std::vector<Comparison>> SplitGroup(absl::string_view group);

// `constraint` with each "a - b" turned into ">= a, <= b ".
std::string RewriteHyphens(absl::string_view constraint);

}  // namespace sluice::semver
