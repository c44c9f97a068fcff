// Floating point numbers in decimal, in the forms of Go's strconv. Go always prints the shortest
// digits that read back as the same number, and zeros after them (1.2345678901234567e19 is
// 12345678901234567000); std::to_chars prints exact digits there.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sluice::value {

struct Decimal {
  // A finite number, as a float32 or a float64.
  Decimal(double number, int bits);

  // strconv's 'f' and 'e' formats with precision -1.
  std::string Fixed() const;
  std::string Scientific() const;

  bool negative = false;
  std::string digits;  // without trailing zeros; "0" for zero
  int exponent = 0;    // of the first digit: digits[0].digits[1..] * 10^exponent
};

}  // namespace sluice::value
