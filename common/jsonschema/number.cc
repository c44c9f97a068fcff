// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "common/value/decimal.h"
#include "common/value/json.h"

namespace sluice::jsonschema {
namespace {

// `digits` with a comma before every third from the end.
std::string Grouped(absl::string_view digits) {
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

// An exponent of at least two digits, raised.
std::string Raised(int exponent) {
  static constexpr absl::string_view kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string out = exponent < 0 ? "⁻" : "";
  std::string digits = std::to_string(std::abs(exponent));
  if (digits.size() < 2) digits.insert(0, "0");
  for (const char digit : digits) {
    const absl::string_view raised = kDigits[digit - '0'];
    out.append(raised.data(), raised.size());
  }
  return out;
}

}  // namespace

std::optional<Number> Number::Parse(absl::string_view literal) {
  Number number;
  number.negative_ = !literal.empty() && literal[0] == '-';
  size_t i = number.negative_ ? 1 : 0;
  int64_t point = 0;
  bool fraction = false;
  for (; i < literal.size() && literal[i] != 'e' && literal[i] != 'E'; ++i) {
    if (literal[i] == '.') {
      fraction = true;
      continue;
    }
    if (literal[i] < '0' || literal[i] > '9') return std::nullopt;
    if (!fraction) ++point;
    number.digits_ += literal[i];
  }
  int64_t exponent = 0;
  if (i < literal.size()) {
    absl::string_view rest = literal.substr(i + 1);
    if (!rest.empty() && rest[0] == '+') rest.remove_prefix(1);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
    if (error != std::errc() || end != rest.data() + rest.size()) return std::nullopt;
  }
  const size_t zeros = std::min(number.digits_.find_first_not_of('0'), number.digits_.size());
  number.digits_.erase(0, zeros);
  point -= static_cast<int64_t>(zeros);
  number.digits_.erase(number.digits_.find_last_not_of('0') + 1);
  if (number.digits_.empty()) return Number();
  if (exponent > kMaxExponent || exponent < -kMaxExponent) return std::nullopt;
  if (number.digits_.size() > kMaxDigits || std::abs(point) > kMaxExponent) return std::nullopt;
  number.point_ = point + exponent;
  return number;
}

Number Number::Of(const Value& value) {
  const std::string text = value.kind() == Value::Kind::kDouble
                               ? value::FormatJsonDouble(value.double_or(0))
                               : value::FormatJson(value);
  return Parse(text).value_or(Number());
}

int Number::Compare(const Number& other) const {
  if (IsZero() && other.IsZero()) return 0;
  if (IsZero()) return other.negative_ ? 1 : -1;
  if (other.IsZero()) return negative_ ? -1 : 1;
  if (negative_ != other.negative_) return negative_ ? -1 : 1;
  const int sign = negative_ ? -1 : 1;
  if (point_ != other.point_) return point_ < other.point_ ? -sign : sign;
  return sign * digits_.compare(other.digits_);
}

bool Number::IsInteger() const {
  return IsZero() || static_cast<int64_t>(digits_.size()) <= point_;
}

bool Number::IsMultipleOf(const Number& divisor) const {
  if (IsZero()) return true;
  // Both are a whole number without a zero at its end, times a power of ten.
  const int64_t zeros = (point_ - static_cast<int64_t>(digits_.size())) -
                        (divisor.point_ - static_cast<int64_t>(divisor.digits_.size()));
  if (zeros < 0) return false;  // it would have to end with a zero
  absl::uint128 modulus = 0;
  for (const char digit : divisor.digits_) modulus = modulus * 10 + static_cast<int>(digit - '0');
  absl::uint128 rest = 0;
  for (const char digit : digits_) rest = (rest * 10 + static_cast<int>(digit - '0')) % modulus;
  for (int64_t i = 0; i < zeros && rest != 0; ++i) rest = rest * 10 % modulus;
  return rest == 0;
}

int64_t Number::LowBits() const {
  uint64_t bits = 0;
  for (const char digit : digits_) bits = bits * 10 + static_cast<uint64_t>(digit - '0');
  for (auto i = static_cast<int64_t>(digits_.size()); i < point_; ++i) bits *= 10;
  return static_cast<int64_t>(negative_ ? 0 - bits : bits);
}

std::string Number::Key() const {
  return IsZero() ? "0" : absl::StrCat(negative_ ? "-" : "", digits_, "e", point_);
}

std::string Number::ForMessage() const {
  const std::string text = absl::StrCat(negative_ ? "-" : "", "0.", digits_, "e", point_);
  const double nearest = IsZero() ? 0 : std::strtod(text.c_str(), nullptr);
  if (std::isinf(nearest)) return nearest < 0 ? "-∞" : "∞";
  const value::Decimal decimal(nearest, 64);
  const std::string sign = decimal.negative ? "-" : "";
  const std::string& digits = decimal.digits;
  // Go's %g: the exponent decides, at 6 even for longer numbers.
  if (decimal.exponent < -4 || decimal.exponent >= 6) {
    return absl::StrCat(sign, digits.substr(0, 1), digits.size() > 1 ? "." : "", digits.substr(1),
                        "×10", Raised(decimal.exponent));
  }
  const std::string fixed = decimal.Fixed();
  const absl::string_view plain = absl::string_view(fixed).substr(sign.size());
  const size_t dot = std::min(plain.find('.'), plain.size());
  return absl::StrCat(sign, Grouped(plain.substr(0, dot)), plain.substr(dot));
}

std::string CountForMessage(int64_t count) {
  const std::string digits = std::to_string(count);
  if (digits[0] != '-') return Grouped(digits);
  return absl::StrCat("-", Grouped(absl::string_view(digits).substr(1)));
}

}  // namespace sluice::jsonschema
