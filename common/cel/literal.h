// The values of literals of strings, bytes and whole numbers.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::cel {

// The text that a literal token (quotes, and r or R before them, included) stands for. In bytes,
// \x and octal escapes are bytes; in strings they are characters. kInvalidArgument in cel-go's
// words for an escape that stands for nothing.
absl::StatusOr<std::string> Unquote(absl::string_view literal, bool bytes);

// Of the digits, hexadecimal ones behind "0x", that the lexer has taken for a number; nullopt if
// the type does not hold it. A "u" at the end is passed over.
std::optional<uint64_t> ParseUint(absl::string_view digits);
std::optional<int64_t> ParseInt(absl::string_view digits, bool negative);

}  // namespace sluice::cel
