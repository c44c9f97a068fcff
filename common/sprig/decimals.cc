// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/decimals.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/number_format.h"
#include "common/sprig/convert.h"
#include "common/sprig/sprig.h"
#include "common/value/decimal.h"

namespace sluice::sprig {
namespace {

constexpr int64_t kDivisionPlaces = 16;

// Natural numbers as decimal digits, the most significant first, without leading zeros but for "0".

std::string Trimmed(std::string digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

std::string Shifted(std::string digits, int64_t places) {
  if (digits != "0") digits.append(static_cast<size_t>(places), '0');
  return digits;
}

bool Less(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::string Sum(const std::string& a, const std::string& b) {
  std::string sum(std::max(a.size(), b.size()) + 1, '0');
  int carry = 0;
  for (size_t i = 0; i < sum.size(); ++i) {
    if (i < a.size()) carry += a[a.size() - 1 - i] - '0';
    if (i < b.size()) carry += b[b.size() - 1 - i] - '0';
    sum[sum.size() - 1 - i] = static_cast<char>('0' + carry % 10);
    carry /= 10;
  }
  return Trimmed(std::move(sum));
}

// `b` must not be greater.
std::string Difference(std::string a, const std::string& b) {
  int borrow = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    char& digit = a[a.size() - 1 - i];
    int rest = digit - '0' - borrow - (i < b.size() ? b[b.size() - 1 - i] - '0' : 0);
    borrow = rest < 0 ? 1 : 0;
    digit = static_cast<char>('0' + rest + 10 * borrow);
  }
  return Trimmed(std::move(a));
}

std::string Product(const std::string& a, const std::string& b) {
  std::vector<int64_t> columns(a.size() + b.size(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < b.size(); ++j) {
      columns[i + j + 1] += static_cast<int64_t>(a[i] - '0') * (b[j] - '0');
    }
  }
  std::string product(columns.size(), '0');
  int64_t carry = 0;
  for (size_t i = columns.size(); i-- > 0;) {
    carry += columns[i];
    product[i] = static_cast<char>('0' + carry % 10);
    carry /= 10;
  }
  return Trimmed(std::move(product));
}

// The quotient, rounded up if twice the rest is at least the divisor.
std::string RoundedQuotient(const std::string& dividend, const std::string& divisor) {
  std::string quotient;
  std::string rest = "0";
  for (const char digit : dividend) {
    rest = rest == "0" ? std::string(1, digit) : rest + digit;
    char times = '0';
    while (!Less(rest, divisor)) {
      rest = Difference(std::move(rest), divisor);
      ++times;
    }
    quotient += times;
  }
  quotient = Trimmed(std::move(quotient));
  return Less(Sum(rest, rest), divisor) ? quotient : Sum(quotient, "1");
}

}  // namespace

BigDecimal::BigDecimal(bool negative, std::string digits, int64_t exponent)
    : negative_(negative), digits_(std::move(digits)), exponent_(exponent) {
  if (digits_ == "0") {
    negative_ = false;
    exponent_ = 0;
    return;
  }
  const size_t kept = digits_.find_last_not_of('0') + 1;
  exponent_ += static_cast<int64_t>(digits_.size() - kept);
  digits_.resize(kept);
}

BigDecimal::BigDecimal(double number) {
  if (number == 0) return;
  const value::Decimal decimal(number, 64);
  *this = BigDecimal(
      decimal.negative, decimal.digits,
      static_cast<int64_t>(decimal.exponent) + 1 - static_cast<int64_t>(decimal.digits.size()));
}

BigDecimal BigDecimal::Plus(const BigDecimal& other) const {
  const int64_t exponent = std::min(exponent_, other.exponent_);
  std::string a = Shifted(digits_, exponent_ - exponent);
  std::string b = Shifted(other.digits_, other.exponent_ - exponent);
  if (negative_ == other.negative_) return BigDecimal(negative_, Sum(a, b), exponent);
  if (Less(a, b)) return BigDecimal(other.negative_, Difference(std::move(b), a), exponent);
  return BigDecimal(negative_, Difference(std::move(a), b), exponent);
}

BigDecimal BigDecimal::Minus(const BigDecimal& other) const {
  BigDecimal opposite = other;
  opposite.negative_ = !other.negative_ && !other.is_zero();
  return Plus(opposite);
}

BigDecimal BigDecimal::Times(const BigDecimal& other) const {
  return BigDecimal(negative_ != other.negative_, Product(digits_, other.digits_),
                    exponent_ + other.exponent_);
}

BigDecimal BigDecimal::DividedBy(const BigDecimal& other) const {
  const int64_t places = exponent_ - other.exponent_ + kDivisionPlaces;
  const std::string dividend = places > 0 ? Shifted(digits_, places) : digits_;
  const std::string divisor = places < 0 ? Shifted(other.digits_, -places) : other.digits_;
  return BigDecimal(negative_ != other.negative_, RoundedQuotient(dividend, divisor),
                    -kDivisionPlaces);
}

double BigDecimal::ToDouble() const {
  double number = 0;
  static_cast<void>(
      absl::SimpleAtod(absl::StrCat(negative_ ? "-" : "", digits_, "e", exponent_), &number));
  return number;
}

namespace {

using gotmpl::Call;
using gotmpl::Value;

using Operation = BigDecimal (BigDecimal::*)(const BigDecimal&) const;

absl::StatusOr<BigDecimal> ToDecimal(const Value& value) {
  const double number = ToFloat(value);
  if (std::isfinite(number)) return BigDecimal(number);
  return Failure(
      absl::StrCat("Cannot create a Decimal from ", gotmpl::FormatFloat(number, 'g', -1, 64)));
}

// `operation` on `first` and each of the operands in turn. A product of many operands has many
// digits, so that the work is charged.
absl::StatusOr<Value> Compute(BigDecimal result, Operation operation,
                              std::span<const Value> operands, gotmpl::Session& session) {
  for (const Value& value : operands) {
    RETURN_IF_ERROR(session.ChargeSteps(operands.size()));
    ASSIGN_OR_RETURN(const BigDecimal operand, ToDecimal(value));
    if (operation == &BigDecimal::DividedBy && operand.is_zero()) {
      return Failure("decimal division by 0");
    }
    result = (result.*operation)(operand);
  }
  return Value::Float(result.ToDouble());
}

gotmpl::Function Arithmetic(absl::string_view name, absl::string_view doc, Operation operation) {
  const gotmpl::Type* any = &gotmpl::types::kAny;
  return {.name = name,
          .parameters = {any, any},
          .variadic = true,
          .result = &gotmpl::types::kFloat64,
          .doc = doc,
          .code = [operation](Call& call) -> absl::StatusOr<Value> {
            ASSIGN_OR_RETURN(BigDecimal first, ToDecimal(call[0]));
            return Compute(std::move(first), operation, call.arguments().subspan(1),
                           call.session());
          }};
}

}  // namespace

std::vector<gotmpl::Function> DecimalFunctions() {
  return {
      {.name = "addf",
       .parameters = {&gotmpl::types::kAny},
       .variadic = true,
       .result = &gotmpl::types::kFloat64,
       .doc = "The sum of the arguments, computed in decimal.",
       .code = [](Call& call) -> absl::StatusOr<Value> {
         return Compute(BigDecimal(), &BigDecimal::Plus, call.arguments(), call.session());
       }},
      {.name = "add1f",
       .parameters = {&gotmpl::types::kAny},
       .result = &gotmpl::types::kFloat64,
       .doc = "The argument plus one, computed in decimal.",
       .code = [](Call& call) -> absl::StatusOr<Value> {
         ASSIGN_OR_RETURN(const BigDecimal number, ToDecimal(call[0]));
         return Value::Float(number.Plus(BigDecimal(1)).ToDouble());
       }},
      Arithmetic("subf", "The first argument less the others, computed in decimal.",
                 &BigDecimal::Minus),
      Arithmetic("mulf", "The product of the arguments, computed in decimal.", &BigDecimal::Times),
      Arithmetic("divf", "The first argument divided by the others, to 16 decimal places.",
                 &BigDecimal::DividedBy),
  };
}

}  // namespace sluice::sprig
