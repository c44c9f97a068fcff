// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/duration_type.h"

#include <string>
#include <vector>

#include "common/base/duration.h"
#include "common/gotmpl/function.h"
#include "common/sprig/text_method.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Kind;
using gotmpl::Type;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

std::string DurationText(const Value& value) { return FormatGoDuration(DurationOf(value)); }

// The type without its methods, which name the type.
Type& PlainDurationType() {
  static Type& type =
      *new Type{.kind = Kind::kInt64, .name = "time.Duration", .text = DurationText};
  return type;
}

Function Count(absl::string_view name, absl::Duration unit) {
  return {.name = name, .result = &types::kInt64, .code = [unit](Call& call) -> Result {
            absl::Duration rest;
            return Value::Int64(absl::IDivDuration(DurationOf(call[0]), unit, &rest));
          }};
}

// Whole units, then the rest: as Go divides, which shows in the last digit.
Function Fraction(absl::string_view name, absl::Duration unit) {
  return {.name = name, .result = &types::kFloat64, .code = [unit](Call& call) -> Result {
            absl::Duration rest;
            const auto whole =
                static_cast<double>(absl::IDivDuration(DurationOf(call[0]), unit, &rest));
            return Value::Float(whole + static_cast<double>(absl::ToInt64Nanoseconds(rest)) /
                                            static_cast<double>(absl::ToInt64Nanoseconds(unit)));
          }};
}

std::vector<Function> DurationMethods() {
  return {
      TextMethod(),
      Fraction("Hours", absl::Hours(1)),
      Fraction("Minutes", absl::Minutes(1)),
      Fraction("Seconds", absl::Seconds(1)),
      Count("Milliseconds", absl::Milliseconds(1)),
      Count("Microseconds", absl::Microseconds(1)),
      Count("Nanoseconds", absl::Nanoseconds(1)),
      {.name = "Abs",
       .result = &PlainDurationType(),
       .code = [](Call& call) -> Result {
         return FromDuration(absl::AbsDuration(DurationOf(call[0])));
       }},
      {.name = "Truncate",
       .parameters = {&PlainDurationType()},
       .result = &PlainDurationType(),
       .code = [](Call& call) -> Result {
         const absl::Duration unit = DurationOf(call[1]);
         if (unit <= absl::ZeroDuration()) return call[0];
         return FromDuration(absl::Trunc(DurationOf(call[0]), unit));
       }},
      {.name = "Round",
       .parameters = {&PlainDurationType()},
       .result = &PlainDurationType(),
       .code = [](Call& call) -> Result {
         const absl::Duration duration = DurationOf(call[0]);
         const absl::Duration unit = DurationOf(call[1]);
         if (unit <= absl::ZeroDuration()) return call[0];
         const absl::Duration half = duration < absl::ZeroDuration() ? -unit / 2 : unit / 2;
         return FromDuration(absl::Trunc(duration + half, unit));
       }},
  };
}

}  // namespace

const Type& DurationType() {
  static const Type& type = []() -> const Type& {
    static const std::vector<Function>& methods = *new std::vector<Function>(DurationMethods());
    PlainDurationType().methods = methods;
    return PlainDurationType();
  }();
  return type;
}

Value FromDuration(absl::Duration duration) {
  return Value::SignedOf(DurationType(), absl::ToInt64Nanoseconds(duration));
}

absl::Duration DurationOf(const Value& value) { return absl::Nanoseconds(value.signed_integer()); }

}  // namespace sluice::sprig
