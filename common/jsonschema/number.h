// Numbers as JSON writes them, exactly: 0.1 is a tenth, and 1e400 is more than any double.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::jsonschema {

class Number {
 public:
  // At most so many digits and so large an exponent, lest arithmetic cost more than reading.
  static constexpr size_t kMaxDigits = 1'000;
  static constexpr int64_t kMaxExponent = 2'000;
  // As many digits as a divisor may have.
  static constexpr size_t kMaxDivisorDigits = 36;

  // A number in JSON's syntax, or in that of Go's %v ("1e+06"). Nothing if it is beyond the limits.
  static std::optional<Number> Parse(absl::string_view literal);
  // The shortest decimal that reads as the number `value`, which must be one and finite.
  static Number Of(const Value& value);

  // Less than, equal to or greater than 0 as `this` is to `other`.
  int Compare(const Number& other) const;
  bool IsInteger() const;
  bool IsZero() const { return digits_.empty(); }
  // Whether `this` / `divisor` is whole. The divisor is not 0 and has at most kMaxDivisorDigits.
  bool IsMultipleOf(const Number& divisor) const;
  size_t digit_count() const { return digits_.size(); }
  // A whole number cut to its low 64 bits as Go's big.Int.Int64 does; what intVal makes of 1e30.
  int64_t LowBits() const;

  // Equal for equal numbers only.
  std::string Key() const;
  // The nearest double in the form that messages have: "1,234.5", "1.5×10⁰⁷".
  std::string ForMessage() const;

 private:
  // sign 0.digits * 10^point, without zeros at either end; zero has no digits.
  bool negative_ = false;
  std::string digits_;
  int64_t point_ = 0;
};

// "1,234,567"
std::string CountForMessage(int64_t count);

}  // namespace sluice::jsonschema
