// SPDX-License-Identifier: Apache-2.0
#include "common/value/decimal.h"

#include <array>
#include <charconv>

#include "absl/strings/str_cat.h"

namespace sluice::value {

Decimal::Decimal(double number, int bits) {
  std::array<char, 64> buffer;
  char* const last = buffer.data() + buffer.size();
  const auto format = std::chars_format::scientific;
  const auto result = bits == 32
                          ? std::to_chars(buffer.data(), last, static_cast<float>(number), format)
                          : std::to_chars(buffer.data(), last, number, format);
  const char* p = buffer.data();
  if (*p == '-') {
    negative = true;
    ++p;
  }
  for (; *p != 'e'; ++p) {
    if (*p != '.') digits += *p;
  }
  ++p;
  if (*p == '+') ++p;
  std::from_chars(p, result.ptr, exponent);
}

std::string Decimal::Fixed() const {
  std::string out = negative ? "-" : "";
  const int count = static_cast<int>(digits.size());
  if (exponent < 0) {
    out += "0.";
    out.append(static_cast<size_t>(-exponent - 1), '0');
    return out + digits;
  }
  if (exponent + 1 >= count) {
    out += digits;
    out.append(static_cast<size_t>(exponent + 1 - count), '0');
    return out;
  }
  const auto point = static_cast<size_t>(exponent + 1);
  return absl::StrCat(out, digits.substr(0, point), ".", digits.substr(point));
}

std::string Decimal::Scientific() const {
  const int size = exponent < 0 ? -exponent : exponent;
  return absl::StrCat(negative ? "-" : "", digits.substr(0, 1), digits.size() > 1 ? "." : "",
                      digits.substr(1), exponent < 0 ? "e-" : "e+", size < 10 ? "0" : "", size);
}

}  // namespace sluice::value
