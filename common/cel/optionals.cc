// Optional values.

// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/cel/function.h"
#include "common/cel/print.h"
#include "common/cel/times.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;

bool IsZero(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDuration:
      return value.integer() == 0;
    case Kind::kDouble:
      return value.floating() == 0;
    case Kind::kString:
    case Kind::kBytes:
      return value.text().empty();
    case Kind::kList:
    case Kind::kMap:
      // Lists and maps of a typed document are never empty to the reference.
      return Size(value) == 0 && !(value.in_document() && value.schema() != nullptr);
    case Kind::kTimestamp:
      return value.timestamp() == Timestamp{kMinSeconds, 0};
    case Kind::kOptional:
      return value.optional() == nullptr;
    default:
      return false;
  }
}

Value Of(Args args, Arena& arena) { return Value::Some(args[0], arena); }
Value OfNonZeroValue(Args args, Arena& arena) {
  return IsZero(args[0]) ? Value::None() : Value::Some(args[0], arena);
}
Value NoValue(Args, Arena&) { return Value::None(); }

Value HasValue(Args args, Arena&) {
  if (args[0].kind() != Kind::kOptional) return NoMatch();
  return Value::Bool(args[0].optional() != nullptr);
}
Value TheValue(Args args, Arena&) {
  if (args[0].kind() != Kind::kOptional) return NoMatch();
  if (args[0].optional() == nullptr) return Value::StaticError("optional.none() dereference");
  return *args[0].optional();
}

// The evaluator has a step of its own for these two.
Value Or(Args, Arena&) { return NoMatch(); }

Value First(Args args, Arena& arena) {
  if (!args[0].is_list()) return NoMatch();
  return Size(args[0]) == 0 ? Value::None() : Value::Some(ElementAt(args[0], 0, arena), arena);
}
Value Last(Args args, Arena& arena) {
  if (!args[0].is_list()) return NoMatch();
  const size_t size = Size(args[0]);
  return size == 0 ? Value::None() : Value::Some(ElementAt(args[0], size - 1, arena), arena);
}

Value Unwrap(Args args, Arena& arena) {
  if (!args[0].is_list()) return NoMatch();
  const size_t size = Size(args[0]);
  Value* const items = arena.AllocateArray<Value>(size);
  size_t count = 0;
  for (size_t i = 0; i < size; ++i) {
    const Value item = ElementAt(args[0], i, arena);
    if (item.kind() != Kind::kOptional) {
      if (i == 0) return NoMatch();
      return Value::Error(absl::StrCat("value ", Print(item), " is not optional"), arena);
    }
    if (item.optional() != nullptr) items[count++] = *item.optional();
  }
  return MakeList(items, count, arena);
}

}  // namespace

std::vector<Function> OptionalFunctions() {
  return {
      {"optional.of", {"optional_of: V -> optional(V)"}, Of},
      {"optional.ofNonZeroValue", {"optional_ofNonZeroValue: V -> optional(V)"}, OfNonZeroValue},
      {"optional.none", {"optional_none: -> optional(V)"}, NoValue},
      {"optional.unwrap", {"optional_unwrap: list(optional(V)) -> list(V)"}, Unwrap},
      {"unwrapOpt", {"optional_unwrapOpt: .list(optional(V)) -> list(V)"}, Unwrap},
      {"hasValue", {"optional_hasValue: .optional(V) -> bool"}, HasValue},
      {"value", {"optional_value: .optional(V) -> V"}, TheValue},
      {"or", {"optional_or_optional: .optional(V), optional(V) -> optional(V)"}, Or},
      {"orValue", {"optional_orValue_value: .optional(V), V -> V"}, Or},
      {"first", {"list_first: .list(V) -> optional(V)"}, First},
      {"last", {"list_last: .list(V) -> optional(V)"}, Last},
  };
}

}  // namespace sluice::cel
