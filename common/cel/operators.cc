// Arithmetic, order and membership.

// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "common/cel/compare.h"
#include "common/cel/function.h"
#include "common/cel/times.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;

constexpr absl::string_view kIntOverflow = "integer overflow";
constexpr absl::string_view kUintOverflow = "unsigned integer overflow";

// Why an operator does not take these operands: the reference names the operator only if values of
// the left operand's type never take it.
Value Refuse(absl::string_view name, const Value& left, bool type_has_it, Arena& arena) {
  const bool plain = type_has_it || left.kind() == Kind::kString ||
                     left.kind() == Kind::kTimestamp || left.kind() == Kind::kDuration;
  if (plain) return Value::NoSuchOverload();
  return Value::Error(absl::StrCat("no such overload: ", name), arena);
}

Value CheckedInt(absl::int128 number) {
  if (number < std::numeric_limits<int64_t>::min() ||
      number > std::numeric_limits<int64_t>::max()) {
    return Value::StaticError(kIntOverflow);
  }
  return Value::Int(static_cast<int64_t>(number));
}
Value CheckedUint(absl::int128 number) {
  if (number < 0 || number > std::numeric_limits<uint64_t>::max()) {
    return Value::StaticError(kUintOverflow);
  }
  return Value::Uint(static_cast<uint64_t>(number));
}
Value CheckedDuration(absl::int128 number) {
  const Value checked = CheckedInt(number);
  return checked.is_error() ? checked : Value::Duration(checked.integer());
}
Value CheckedTime(std::optional<Timestamp> time) {
  return time.has_value() ? Value::Time(*time) : Value::StaticError("timestamp overflow");
}
absl::int128 Wide(const Value& v) {
  return v.kind() == Kind::kUint ? absl::int128(v.unsigned_integer()) : absl::int128(v.integer());
}

Value Joined(const Value& a, const Value& b, Value (*make)(absl::string_view), Arena& arena) {
  const size_t size = a.text().size() + b.text().size();
  if (!arena.Fits(size)) return Value::Abort("operation cancelled: memory limit exceeded");
  if (a.text().empty()) return b;
  if (b.text().empty()) return a;
  char* const bytes = arena.AllocateArray<char>(size);
  std::copy(a.text().begin(), a.text().end(), bytes);
  std::copy(b.text().begin(), b.text().end(), bytes + a.text().size());
  return make({bytes, size});
}

Value Add(Args args, Arena& arena) {
  const Value& a = args[0];
  const Value& b = args[1];
  if (a.kind() == b.kind()) {
    switch (a.kind()) {
      case Kind::kInt:
        return CheckedInt(Wide(a) + Wide(b));
      case Kind::kUint:
        return CheckedUint(Wide(a) + Wide(b));
      case Kind::kDouble:
        return Value::Double(a.floating() + b.floating());
      case Kind::kString:
        return Joined(a, b, Value::String, arena);
      case Kind::kBytes:
        return Joined(a, b, Value::Bytes, arena);
      case Kind::kDuration:
        return CheckedDuration(Wide(a) + Wide(b));
      case Kind::kList:
        return Concatenate(a, b, arena);
      default:
        break;
    }
  }
  if (a.kind() == Kind::kTimestamp && b.kind() == Kind::kDuration) {
    return CheckedTime(Shift(a.timestamp(), b.integer()));
  }
  if (a.kind() == Kind::kDuration && b.kind() == Kind::kTimestamp) {
    return CheckedTime(Shift(b.timestamp(), a.integer()));
  }
  return Refuse("_+_", a, a.is_number() || a.kind() == Kind::kBytes || a.is_list(), arena);
}

Value Subtract(Args args, Arena& arena) {
  const Value& a = args[0];
  const Value& b = args[1];
  if (a.kind() == b.kind()) {
    switch (a.kind()) {
      case Kind::kInt:
        return CheckedInt(Wide(a) - Wide(b));
      case Kind::kUint:
        return CheckedUint(Wide(a) - Wide(b));
      case Kind::kDouble:
        return Value::Double(a.floating() - b.floating());
      case Kind::kDuration:
        return CheckedDuration(Wide(a) - Wide(b));
      case Kind::kTimestamp: {
        const absl::int128 seconds = absl::int128(a.timestamp().seconds) - b.timestamp().seconds;
        return CheckedDuration(seconds * kNanosecondsPerSecond + a.timestamp().nanos -
                               b.timestamp().nanos);
      }
      default:
        break;
    }
  }
  if (a.kind() == Kind::kTimestamp && b.kind() == Kind::kDuration) {
    if (b.integer() == std::numeric_limits<int64_t>::min()) {
      return Value::StaticError(kIntOverflow);
    }
    return CheckedTime(Shift(a.timestamp(), -b.integer()));
  }
  return Refuse("_-_", a, a.is_number(), arena);
}

Value Multiply(Args args, Arena& arena) {
  const Value& a = args[0];
  const Value& b = args[1];
  if (a.kind() == b.kind()) {
    if (a.kind() == Kind::kInt) return CheckedInt(Wide(a) * Wide(b));
    if (a.kind() == Kind::kDouble) return Value::Double(a.floating() * b.floating());
    if (a.kind() == Kind::kUint) {
      uint64_t product = 0;
      if (__builtin_mul_overflow(a.unsigned_integer(), b.unsigned_integer(), &product)) {
        return Value::StaticError(kUintOverflow);
      }
      return Value::Uint(product);
    }
  }
  return Refuse("_*_", a, a.is_number(), arena);
}

Value Divide(Args args, Arena& arena) {
  const Value& a = args[0];
  const Value& b = args[1];
  if (a.kind() == b.kind() && a.is_number()) {
    if (a.kind() == Kind::kDouble) return Value::Double(a.floating() / b.floating());
    if (b.integer() == 0) return Value::StaticError("division by zero");
    if (a.kind() == Kind::kInt) return CheckedInt(Wide(a) / Wide(b));
    return Value::Uint(a.unsigned_integer() / b.unsigned_integer());
  }
  return Refuse("_/_", a, a.is_number(), arena);
}

Value Modulo(Args args, Arena& arena) {
  const Value& a = args[0];
  const Value& b = args[1];
  const bool integral = a.kind() == Kind::kInt || a.kind() == Kind::kUint;
  if (a.kind() == b.kind() && integral) {
    if (b.integer() == 0) return Value::StaticError("modulus by zero");
    if (a.kind() == Kind::kUint) {
      return Value::Uint(a.unsigned_integer() % b.unsigned_integer());
    }
    if (b.integer() == -1 && a.integer() == std::numeric_limits<int64_t>::min()) {
      return Value::StaticError(kIntOverflow);
    }
    return Value::Int(a.integer() % b.integer());
  }
  return Refuse("_%_", a, integral, arena);
}

Value Negate(Args args, Arena& arena) {
  const Value& a = args[0];
  switch (a.kind()) {
    case Kind::kInt:
      return CheckedInt(-Wide(a));
    case Kind::kDuration:
      return CheckedDuration(-Wide(a));
    case Kind::kDouble:
      return Value::Double(-a.floating());
    default:
      return Refuse("-_", a, a.is_bool(), arena);
  }
}

Value Not(Args args, Arena&) {
  return args[0].is_bool() ? Value::Bool(!args[0].boolean()) : Value::NoSuchOverload();
}

bool HasOrder(const Value& v) { return v.is_number() || v.is_bool() || v.kind() == Kind::kBytes; }

enum class Order { kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
constexpr absl::string_view kOrderNames[] = {"_<_", "_<=_", "_>_", "_>=_"};

template <Order order>
Value Relation(Args args, Arena& arena) {
  const Value compared = Compare(args[0], args[1]);
  if (compared.is_error()) {
    if (compared.text() != Value::NoSuchOverload().text()) return compared;
    return Refuse(kOrderNames[static_cast<int>(order)], args[0], HasOrder(args[0]), arena);
  }
  const int64_t sign = compared.integer();
  switch (order) {
    case Order::kLess:
      return Value::Bool(sign < 0);
    case Order::kLessOrEqual:
      return Value::Bool(sign <= 0);
    case Order::kGreater:
      return Value::Bool(sign > 0);
    default:
      return Value::Bool(sign >= 0);
  }
}

Value In(Args args, Arena& arena) {
  if (args[1].is_map()) {
    const Found found = FindKey(args[1], args[0], arena);
    return found.present && found.value.is_error() ? found.value : Value::Bool(found.present);
  }
  if (!args[1].is_list()) return Value::NoSuchOverload();
  for (size_t i = 0; i < Size(args[1]); ++i) {
    if (Equal(ElementAt(args[1], i, arena), args[0], arena)) return Value::Bool(true);
  }
  return Value::Bool(false);
}

// Every pair of types that has an order; `id` begins the overloads' names.
Function Ordered(absl::string_view name, absl::string_view id, Implementation call) {
  std::vector<std::string> signatures;
  const auto add = [&](absl::string_view suffix, absl::string_view types) {
    signatures.push_back(absl::StrCat(id, "_", suffix, ": ", types, " -> bool"));
  };
  add("bool", "bool, bool");
  add("int64", "int, int");
  add("int64_double", "int, double");
  add("int64_uint64", "int, uint");
  add("uint64", "uint, uint");
  add("uint64_double", "uint, double");
  add("uint64_int64", "uint, int");
  add("double", "double, double");
  add("double_int64", "double, int");
  add("double_uint64", "double, uint");
  add("string", "string, string");
  add("bytes", "bytes, bytes");
  add("timestamp", "timestamp, timestamp");
  add("duration", "duration, duration");
  std::vector<absl::string_view> views(signatures.begin(), signatures.end());
  return Function(name, views, call);
}

// For what only exists to be checked: the evaluator has steps of its own for it.
Value NotCalled(Args, Arena&) { return NoMatch(); }

}  // namespace

std::vector<Function> OperatorFunctions() {
  std::vector<Function> functions = {
      {"_+_",
       {"add_bytes: bytes, bytes -> bytes", "add_double: double, double -> double",
        "add_duration_duration: duration, duration -> duration",
        "add_duration_timestamp: duration, timestamp -> timestamp",
        "add_timestamp_duration: timestamp, duration -> timestamp", "add_int64: int, int -> int",
        "add_list: list(A), list(A) -> list(A)", "add_string: string, string -> string",
        "add_uint64: uint, uint -> uint"},
       Add},
      {"_-_",
       {"subtract_double: double, double -> double",
        "subtract_duration_duration: duration, duration -> duration",
        "subtract_int64: int, int -> int",
        "subtract_timestamp_duration: timestamp, duration -> timestamp",
        "subtract_timestamp_timestamp: timestamp, timestamp -> duration",
        "subtract_uint64: uint, uint -> uint"},
       Subtract},
      {"_*_",
       {"multiply_double: double, double -> double", "multiply_int64: int, int -> int",
        "multiply_uint64: uint, uint -> uint"},
       Multiply},
      {"_/_",
       {"divide_double: double, double -> double", "divide_int64: int, int -> int",
        "divide_uint64: uint, uint -> uint"},
       Divide},
      {"_%_", {"modulo_int64: int, int -> int", "modulo_uint64: uint, uint -> uint"}, Modulo},
      {"-_", {"negate_double: double -> double", "negate_int64: int -> int"}, Negate},
      {"!_", {"logical_not: bool -> bool"}, Not},
      {"@in", {"in_list: A, list(A) -> bool", "in_map: A, map(A, B) -> bool"}, In},
      Ordered("_<_", "less", Relation<Order::kLess>),
      Ordered("_<=_", "less_equals", Relation<Order::kLessOrEqual>),
      Ordered("_>_", "greater", Relation<Order::kGreater>),
      Ordered("_>=_", "greater_equals", Relation<Order::kGreaterOrEqual>),
      {"_&&_", {"logical_and: bool, bool -> bool"}, NotCalled},
      {"_||_", {"logical_or: bool, bool -> bool"}, NotCalled},
      {"_?_:_", {"conditional: bool, A, A -> A"}, NotCalled},
      {"_==_", {"equals: A, A -> bool"}, NotCalled},
      {"_!=_", {"not_equals: A, A -> bool"}, NotCalled},
      {"@not_strictly_false", {"not_strictly_false: bool -> bool"}, NotCalled},
      {"_[_]",
       {"index_list: list(A), int -> A", "index_map: map(A, B), A -> B",
        "optional_list_index_int: optional(list(V)), int -> optional(V)",
        "optional_map_index_value: optional(map(K, V)), K -> optional(V)"},
       NotCalled},
      {"_[?_]",
       {"list_optindex_optional_int: list(V), int -> optional(V)",
        "optional_list_optindex_optional_int: optional(list(V)), int -> optional(V)",
        "map_optindex_optional_value: map(K, V), K -> optional(V)",
        "optional_map_optindex_optional_value: optional(map(K, V)), K -> optional(V)"},
       NotCalled},
  };
  return functions;
}

}  // namespace sluice::cel
