// Decimal fractions of any size, as shopspring/decimal 1.4 computes with them: what addf, mulf and
// their like are made of.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace sluice::sprig {

class BigDecimal {
 public:
  BigDecimal() = default;  // zero
  // The fewest digits that read back as `number`, which must be finite.
  explicit BigDecimal(double number);

  BigDecimal Plus(const BigDecimal& other) const;
  BigDecimal Minus(const BigDecimal& other) const;
  BigDecimal Times(const BigDecimal& other) const;
  // Rounded to 16 places, half away from zero. `other` must not be zero.
  BigDecimal DividedBy(const BigDecimal& other) const;

  bool is_zero() const { return digits_ == "0"; }
  // The nearest one; infinity where it is too large.
  double ToDouble() const;

 private:
  BigDecimal(bool negative, std::string digits, int64_t exponent);

  // digits_ * 10^exponent_; the digits without leading and trailing zeros, "0" for zero.
  bool negative_ = false;
  std::string digits_ = "0";
  int64_t exponent_ = 0;
};

}  // namespace sluice::sprig
