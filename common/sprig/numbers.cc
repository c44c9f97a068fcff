// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/literal.h"
#include "common/sprig/convert.h"
#include "common/sprig/sprig.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::List;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

uint64_t Bits(const Value& value) { return static_cast<uint64_t>(ToInt64(value)); }
Value FromBits(uint64_t bits) { return Value::Int64(static_cast<int64_t>(bits)); }

Result Add(Call& call) {
  uint64_t sum = 0;
  for (const Value& value : call.arguments()) sum += Bits(value);
  return FromBits(sum);
}

Result Multiply(Call& call) {
  uint64_t product = 1;
  for (const Value& value : call.arguments()) product *= Bits(value);
  return FromBits(product);
}

Result Divide(Call& call) {
  const int64_t divisor = ToInt64(call[1]);
  if (divisor == 0) return Failure("runtime error: integer divide by zero");
  if (divisor == -1) return FromBits(0 - Bits(call[0]));
  return Value::Int64(ToInt64(call[0]) / divisor);
}

Result Modulo(Call& call) {
  const int64_t divisor = ToInt64(call[1]);
  if (divisor == 0) return Failure("runtime error: integer divide by zero");
  return Value::Int64(divisor == -1 ? 0 : ToInt64(call[0]) % divisor);
}

Result Max(Call& call) {
  int64_t most = ToInt64(call[0]);
  for (const Value& value : call.arguments()) most = std::max(most, ToInt64(value));
  return Value::Int64(most);
}

Result Min(Call& call) {
  int64_t least = ToInt64(call[0]);
  for (const Value& value : call.arguments()) least = std::min(least, ToInt64(value));
  return Value::Int64(least);
}

// math.Max and math.Min: a NaN wins over everything but, for Max, +Inf and, for Min, -Inf.
Result MaxFloat(Call& call) {
  double most = ToFloat(call[0]);
  for (const Value& value : call.arguments().subspan(1)) {
    const double number = ToFloat(value);
    if (std::isinf(most) && most > 0) break;
    most = std::isnan(most) ? (std::isinf(number) && number > 0 ? number : most)
           : std::isnan(number) || number > most ? number
                                                 : most;
  }
  return Value::Float(most);
}

Result MinFloat(Call& call) {
  double least = ToFloat(call[0]);
  for (const Value& value : call.arguments().subspan(1)) {
    const double number = ToFloat(value);
    if (std::isinf(least) && least < 0) break;
    least = std::isnan(least) ? (std::isinf(number) && number < 0 ? number : least)
            : std::isnan(number) || number < least ? number
                                                   : least;
  }
  return Value::Float(least);
}

// Rounds up where the part behind the places is at least `on`, and down otherwise. That part is
// negative in negative numbers, so these always go down.
Result Round(Call& call) {
  const double on = call.size() > 2 ? call[2].number() : 0.5;
  const auto places = static_cast<double>(call.integer(1));
  const double power = places < 0 ? 1 / std::pow(10, -places) : std::pow(10, places);
  const double scaled = power * ToFloat(call[0]);
  double whole = 0;
  const double part = std::modf(scaled, &whole);
  return Value::Float((part >= on ? std::ceil(scaled) : std::floor(scaled)) / power);
}

Result ToDecimal(Call& call) {
  ASSIGN_OR_RETURN(const std::string text, ToText(call[0], call.session()));
  return Value::Int64(gotmpl::ParseInt(text, 8).value_or(0));
}

// strconv.Atoi with its error ignored: what is too large is the largest.
Result Atoi(Call& call) {
  const absl::string_view text = call.text(0);
  if (const auto number = gotmpl::ParseInt(text, 10)) return Value::Int(*number);
  absl::string_view digits = text;
  const bool negative = !digits.empty() && digits[0] == '-';
  if (negative || (!digits.empty() && digits[0] == '+')) digits.remove_prefix(1);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit)) {
    return Value::Int(0);
  }
  return Value::Int(negative ? std::numeric_limits<int64_t>::min()
                             : std::numeric_limits<int64_t>::max());
}

// The numbers from `start` up or down to `stop`, without it.
absl::StatusOr<std::vector<int64_t>> Steps(Call& call, int64_t start, int64_t stop, int64_t step) {
  std::vector<int64_t> steps;
  const bool down = stop < start;
  if (down ? step >= 0 : step <= 0) return steps;
  const uint64_t distance = down ? static_cast<uint64_t>(start) - static_cast<uint64_t>(stop)
                                 : static_cast<uint64_t>(stop) - static_cast<uint64_t>(start);
  const uint64_t stride = down ? 0 - static_cast<uint64_t>(step) : static_cast<uint64_t>(step);
  const uint64_t count = distance / stride + (distance % stride == 0 ? 0 : 1);
  RETURN_IF_ERROR(call.session().ChargeElements(count));
  steps.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    steps.push_back(
        static_cast<int64_t>(static_cast<uint64_t>(start) + i * static_cast<uint64_t>(step)));
  }
  return steps;
}

Result AsList(const absl::StatusOr<std::vector<int64_t>>& numbers) {
  if (!numbers.ok()) return numbers.status();
  List items;
  items.reserve(numbers->size());
  for (const int64_t number : *numbers) items.push_back(Value::Int(number));
  return Value::ListOf(types::kInts, std::move(items));
}

Result Until(Call& call) {
  const int64_t stop = call.integer(0);
  return AsList(Steps(call, 0, stop, stop < 0 ? -1 : 1));
}

Result UntilStep(Call& call) {
  return AsList(Steps(call, call.integer(0), call.integer(1), call.integer(2)));
}

// As the command seq: 1 to n, a to b, or a to b in steps; downwards where b is less.
Result Seq(Call& call) {
  if (call.size() == 0 || call.size() > 3) return Value::String("");
  const int64_t start = call.size() == 1 ? 1 : call.integer(0);
  const int64_t end = call.integer(call.size() - 1);
  const int64_t direction = end < start ? -1 : 1;
  const int64_t step = call.size() == 3 ? call.integer(1) : direction;
  if (direction < 0 && step > 0) return Value::String("");
  const auto stop =
      static_cast<int64_t>(static_cast<uint64_t>(end) + static_cast<uint64_t>(direction));
  ASSIGN_OR_RETURN(const std::vector<int64_t> numbers, Steps(call, start, stop, step));
  std::string text;
  for (const int64_t number : numbers) absl::StrAppend(&text, text.empty() ? "" : " ", number);
  return Value::String(text);
}

std::vector<Function> ConversionFunctions() {
  const std::vector<const gotmpl::Type*> any = {&types::kAny};
  return {
      {.name = "int",
       .parameters = any,
       .result = &types::kInt,
       .doc = "The argument as an int.",
       .code = [](Call& call) -> Result { return Value::Int(ToInt64(call[0])); }},
      {.name = "int64",
       .parameters = any,
       .result = &types::kInt64,
       .doc = "The argument as an int64.",
       .code = [](Call& call) -> Result { return Value::Int64(ToInt64(call[0])); }},
      {.name = "float64",
       .parameters = any,
       .result = &types::kFloat64,
       .doc = "The argument as a float64.",
       .code = [](Call& call) -> Result { return Value::Float(ToFloat(call[0])); }},
      {.name = "atoi",
       .parameters = {&types::kString},
       .result = &types::kInt,
       .doc = "The decimal number in the text, or 0.",
       .code = Atoi},
      {.name = "toDecimal",
       .parameters = any,
       .result = &types::kInt64,
       .doc = "The octal number in the text, or 0.",
       .code = ToDecimal},
  };
}

std::vector<Function> RangeFunctions() {
  return {
      {.name = "until",
       .parameters = {&types::kInt},
       .result = &types::kInts,
       .doc = "The integers from 0 up or down to the argument, without it.",
       .code = Until},
      {.name = "untilStep",
       .parameters = {&types::kInt, &types::kInt, &types::kInt},
       .result = &types::kInts,
       .doc = "The integers from the first argument to the second, without it, in steps.",
       .code = UntilStep},
      {.name = "seq",
       .parameters = {&types::kInt},
       .variadic = true,
       .result = &types::kString,
       .doc = "A sequence of integers as text: to n, from a to b, or from a in steps to b.",
       .code = Seq},
  };
}

std::vector<Function> FloatFunctions() {
  const gotmpl::Type* any = &types::kAny;
  const gotmpl::Type* number = &types::kFloat64;
  return {
      {.name = "maxf",
       .parameters = {any, any},
       .variadic = true,
       .result = number,
       .doc = "The largest of the arguments as float64.",
       .code = MaxFloat},
      {.name = "minf",
       .parameters = {any, any},
       .variadic = true,
       .result = number,
       .doc = "The smallest of the arguments as float64.",
       .code = MinFloat},
      {.name = "floor",
       .parameters = {any},
       .result = number,
       .doc = "The next integer below.",
       .code = [](Call& call) -> Result { return Value::Float(std::floor(ToFloat(call[0]))); }},
      {.name = "ceil",
       .parameters = {any},
       .result = number,
       .doc = "The next integer above.",
       .code = [](Call& call) -> Result { return Value::Float(std::ceil(ToFloat(call[0]))); }},
      {.name = "round",
       .parameters = {any, &types::kInt, number},
       .variadic = true,
       .result = number,
       .doc = "The number rounded to decimal places, up from a half or from what is given.",
       .code = Round},
  };
}

}  // namespace

std::vector<Function> NumberFunctions() {
  const gotmpl::Type* any = &types::kAny;
  const gotmpl::Type* number = &types::kInt64;
  std::vector<Function> functions = {
      {.name = "add",
       .parameters = {any},
       .variadic = true,
       .result = number,
       .doc = "The sum of the arguments as int64.",
       .code = Add},
      {.name = "add1",
       .parameters = {any},
       .result = number,
       .doc = "The argument plus one.",
       .code = [](Call& call) -> Result { return FromBits(Bits(call[0]) + 1); }},
      {.name = "sub",
       .parameters = {any, any},
       .result = number,
       .doc = "The first argument less the second.",
       .code = [](Call& call) -> Result { return FromBits(Bits(call[0]) - Bits(call[1])); }},
      {.name = "mul",
       .parameters = {any, any},
       .variadic = true,
       .result = number,
       .doc = "The product of the arguments as int64.",
       .code = Multiply},
      {.name = "div",
       .parameters = {any, any},
       .result = number,
       .doc = "The first argument divided by the second, cut to an integer.",
       .code = Divide},
      {.name = "mod",
       .parameters = {any, any},
       .result = number,
       .doc = "What is left of the first argument divided by the second.",
       .code = Modulo},
      {.name = "min",
       .parameters = {any, any},
       .variadic = true,
       .result = number,
       .doc = "The smallest of the arguments as int64.",
       .code = Min},
  };
  for (const absl::string_view name : {"max", "biggest"}) {
    functions.push_back({.name = name,
                         .parameters = {any, any},
                         .variadic = true,
                         .result = number,
                         .doc = "The largest of the arguments as int64.",
                         .code = Max});
  }
  for (const std::vector<Function>& family :
       {ConversionFunctions(), RangeFunctions(), FloatFunctions()}) {
    functions.insert(functions.end(), family.begin(), family.end());
  }
  return functions;
}

}  // namespace sluice::sprig
