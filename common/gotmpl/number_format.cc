// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/number_format.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/value/decimal.h"

namespace sluice::gotmpl {
namespace {

// A number as mantissa * 2^exponent, the mantissa an integer.
struct Binary {
  uint64_t mantissa;
  int exponent;
};

Binary Split(double number, int bits) {
  if (bits == 32) {
    const auto raw = std::bit_cast<uint32_t>(static_cast<float>(number));
    const uint32_t mantissa = raw & 0x7FFFFF;
    const int exponent = static_cast<int>((raw >> 23) & 0xFF);
    return exponent == 0 ? Binary{mantissa, -149} : Binary{mantissa | 0x800000, exponent - 150};
  }
  const auto raw = std::bit_cast<uint64_t>(number);
  const uint64_t mantissa = raw & ((uint64_t{1} << 52) - 1);
  const int exponent = static_cast<int>((raw >> 52) & 0x7FF);
  if (exponent == 0) return {mantissa, -1074};
  return {mantissa | (uint64_t{1} << 52), exponent - 1075};
}

// 0x1.8p+01
std::string FormatHex(double number, bool upper_case, int precision, int bits) {
  Binary binary = Split(number, bits);
  int exponent = 0;
  if (binary.mantissa != 0) {
    const int shift = std::countl_zero(binary.mantissa) - 3;  // the leading one to bit 60
    binary.mantissa <<= shift;
    exponent = binary.exponent - shift + 60;
  }
  constexpr uint64_t kFraction = (uint64_t{1} << 60) - 1;
  if (precision >= 0 && precision < 15) {
    const int dropped = 60 - 4 * precision;
    const uint64_t rest = binary.mantissa & ((uint64_t{1} << dropped) - 1);
    const uint64_t half = uint64_t{1} << (dropped - 1);
    binary.mantissa >>= dropped;
    if (rest > half || (rest == half && (binary.mantissa & 1) != 0)) ++binary.mantissa;
    binary.mantissa <<= dropped;
    if ((binary.mantissa >> 61) != 0) {
      binary.mantissa >>= 1;
      ++exponent;
    }
  }
  std::string digits = absl::StrFormat("%015x", binary.mantissa & kFraction);
  if (precision < 0) {
    digits.erase(digits.find_last_not_of('0') + 1);
  } else {
    digits.resize(static_cast<size_t>(precision), '0');
  }
  std::string text = absl::StrCat(
      std::signbit(number) ? "-" : "", "0x", binary.mantissa >> 60, digits.empty() ? "" : ".",
      digits, absl::StrFormat("p%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent)));
  if (upper_case) absl::AsciiStrToUpper(&text);
  return text;
}

std::string FormatExact(double number, char form, int precision) {
  const char pattern[] = {'%', '.', '*', form, '\0'};
  const int size = std::snprintf(nullptr, 0, pattern, precision, number);
  std::string text(static_cast<size_t>(size) + 1, '\0');
  std::snprintf(text.data(), text.size(), pattern, precision, number);
  text.resize(static_cast<size_t>(size));
  return text;
}

}  // namespace

std::string FormatFloat(double number, char form, int precision, int bits) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Inf" : "+Inf";
  if (form == 'b') {
    const Binary binary = Split(number, bits);
    return absl::StrCat(std::signbit(number) ? "-" : "", binary.mantissa, "p",
                        absl::StrFormat("%+d", binary.exponent));
  }
  if (form == 'x' || form == 'X') return FormatHex(number, form == 'X', precision, bits);
  if (precision >= 0) return FormatExact(number, form, precision);
  const value::Decimal decimal(number, bits);
  // 'g' without a precision decides as with six digits.
  const bool scientific =
      form == 'e' || form == 'E' ||
      (form != 'f' && decimal.digits != "0" && (decimal.exponent < -4 || decimal.exponent >= 6));
  std::string text = scientific ? decimal.Scientific() : decimal.Fixed();
  if (form == 'E' || form == 'G') absl::AsciiStrToUpper(&text);
  return text;
}

std::string FormatUint(uint64_t number, int base, bool upper_case) {
  std::string text;
  do {
    text += (upper_case ? "0123456789ABCDEF" : "0123456789abcdef")[number % unsigned(base)];
    number /= unsigned(base);
  } while (number != 0);
  std::reverse(text.begin(), text.end());
  return text;
}

}  // namespace sluice::gotmpl
