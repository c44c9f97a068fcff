// Go's package fmt for template values: print, println, printf and the text of an action.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/gotmpl/value.h"

namespace sluice::gotmpl {

// A text is built up to `bytes`, values are followed down to `depth` (a map may contain itself).
// What needs more is kResourceExhausted.
struct FormatLimits {
  size_t bytes = 1 << 20;
  size_t depth = 1'000;
};

// fmt.Sprint: a space between two operands when neither is a string.
absl::StatusOr<std::string> Sprint(std::span<const Value> operands, const FormatLimits& limits);
// fmt.Sprintln.
absl::StatusOr<std::string> Sprintln(std::span<const Value> operands, const FormatLimits& limits);
// fmt.Sprintf, with Go's notes on what does not fit: "%!d(string=a)", "%!s(MISSING)".
absl::StatusOr<std::string> Sprintf(absl::string_view format, std::span<const Value> operands,
                                    const FormatLimits& limits);

// %v of one value for a message; "..." if it is longer than the default limits.
std::string ToText(const Value& value);

}  // namespace sluice::gotmpl
