// Reading Go's literals: quoted strings, characters and numbers.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <complex>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::gotmpl {

// The text that a literal in double quotes or backquotes stands for (strconv.Unquote).
absl::StatusOr<std::string> Unquote(absl::string_view literal);

// A number in each of the forms that can hold it: 3.0 is an integer too, 'x' and 120 are the same.
struct Number {
  std::optional<int64_t> integer;
  std::optional<uint64_t> unsigned_integer;
  std::optional<double> floating;
  std::optional<std::complex<double>> complex;  // only if it was written with an imaginary part
};

// A character ('x'), a decimal, binary, octal or hexadecimal number, an imaginary one (1i) or a sum
// (1+2i), with the texts that text/template has for what is none.
absl::StatusOr<Number> ParseNumber(absl::string_view literal);

// strconv.ParseFloat: decimal or hexadecimal, infinities and NaN by name. None if it is malformed
// or out of range.
std::optional<double> ParseFloat(absl::string_view text);

// strconv.ParseInt and ParseUint. Base 0 takes the base from the prefix and allows underscores.
std::optional<int64_t> ParseInt(absl::string_view text, int base);
std::optional<uint64_t> ParseUint(absl::string_view text, int base);

}  // namespace sluice::gotmpl
