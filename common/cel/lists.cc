// Functions of lists: Kubernetes' own, and cel-go's lists extension.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/cel/compare.h"
#include "common/cel/function.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;

// What lists.range() makes at most; the reference has no bound but memory.
constexpr int64_t kMaxRange = 1'000'000;
// Each element of so many can be compared with each other; more would exceed any cost.
constexpr size_t kMaxCompared = 10'000;
// How deep flatten() goes at most.
constexpr int64_t kMaxFlattening = 100;

Value IsSorted(Args args, Arena& arena) {
  if (!args[0].is_list()) return NoMatch();
  for (size_t i = 1; i < Size(args[0]); ++i) {
    const Value order = Compare(ElementAt(args[0], i - 1, arena), ElementAt(args[0], i, arena));
    if (order.is_int() && order.integer() > 0) return Value::Bool(false);
  }
  return Value::Bool(true);
}

// The element that is beyond (sign) all others.
Value Extreme(const Value& list, int64_t sign, absl::string_view complaint, Arena& arena) {
  if (!list.is_list()) return NoMatch();
  if (Size(list) == 0) return Value::StaticError(complaint);
  Value best = ElementAt(list, 0, arena);
  for (size_t i = 1; i < Size(list); ++i) {
    const Value item = ElementAt(list, i, arena);
    const Value order = Compare(item, best);
    if (order.is_int() && order.integer() == sign) best = item;
  }
  return best;
}
Value Max(Args args, Arena& arena) {
  return Extreme(args[0], 1, "max called on empty list", arena);
}
Value Min(Args args, Arena& arena) {
  return Extreme(args[0], -1, "min called on empty list", arena);
}

// The sum of elements of one kind; NoMatch() for elements of another.
Value Sum(const Value& list, Value zero, Arena& arena) {
  if (!list.is_list()) return NoMatch();
  const Implementation add = FindFunctions("_+_")[0]->call;
  Value sum = zero;
  for (size_t i = 0; i < Size(list); ++i) {
    const Value item = ElementAt(list, i, arena);
    if (item.is_error()) return item;
    if (i == 0 && item.kind() != zero.kind()) return NoMatch();
    const Value args[] = {sum, item};
    sum = add(Args(args), arena);
    if (sum.is_error()) return sum;
  }
  return sum;
}
Value SumInts(Args args, Arena& arena) { return Sum(args[0], Value::Int(0), arena); }
Value SumUints(Args args, Arena& arena) { return Sum(args[0], Value::Uint(0), arena); }
Value SumDoubles(Args args, Arena& arena) { return Sum(args[0], Value::Double(0), arena); }
Value SumDurations(Args args, Arena& arena) { return Sum(args[0], Value::Duration(0), arena); }

Value IndexOf(Args args, Arena& arena) {
  if (!args[0].is_list() || args.size() != 2) return NoMatch();
  for (size_t i = 0; i < Size(args[0]); ++i) {
    if (Equal(ElementAt(args[0], i, arena), args[1], arena)) {
      return Value::Int(static_cast<int64_t>(i));
    }
  }
  return Value::Int(-1);
}
Value LastIndexOf(Args args, Arena& arena) {
  if (!args[0].is_list() || args.size() != 2) return NoMatch();
  for (size_t i = Size(args[0]); i > 0; --i) {
    if (Equal(ElementAt(args[0], i - 1, arena), args[1], arena)) {
      return Value::Int(static_cast<int64_t>(i - 1));
    }
  }
  return Value::Int(-1);
}

// --- The extension.

Value TooMuch() { return Value::Abort("operation cancelled: actual cost limit exceeded"); }

std::vector<Value> Elements(const Value& list, Arena& arena) {
  std::vector<Value> items;
  for (size_t i = 0; i < Size(list); ++i) items.push_back(ElementAt(list, i, arena));
  return items;
}
Value ListOfItems(const std::vector<Value>& items, Arena& arena) {
  Value* const copy = arena.AllocateArray<Value>(items.size());
  std::copy(items.begin(), items.end(), copy);
  return MakeList(copy, items.size(), arena);
}

Value Distinct(Args args, Arena& arena) {
  if (!args[0].is_list()) return NoMatch();
  if (Size(args[0]) > kMaxCompared) return TooMuch();
  std::vector<Value> kept;
  for (const Value& item : Elements(args[0], arena)) {
    const bool seen = std::any_of(kept.begin(), kept.end(),
                                  [&](const Value& v) { return Equal(v, item, arena); });
    if (!seen) kept.push_back(item);
  }
  return ListOfItems(kept, arena);
}

void FlattenInto(const Value& list, int64_t depth, std::vector<Value>& out, Arena& arena) {
  for (const Value& item : Elements(list, arena)) {
    if (item.is_list() && depth > 0) {
      FlattenInto(item, depth - 1, out, arena);
    } else {
      out.push_back(item);
    }
  }
}
Value Flatten(Args args, Arena& arena) {
  if (!args[0].is_list() || (args.size() == 2 && !args[1].is_int())) return NoMatch();
  const int64_t depth = args.size() == 2 ? args[1].integer() : 1;
  if (depth < 0) return Value::StaticError("level must be non-negative");
  std::vector<Value> items;
  FlattenInto(args[0], std::min(depth, kMaxFlattening), items, arena);
  return ListOfItems(items, arena);
}

Value Range(Args args, Arena& arena) {
  if (!args[0].is_int()) return NoMatch();
  const int64_t count = args[0].integer();
  if (count > kMaxRange) return Value::Abort("operation cancelled: memory limit exceeded");
  std::vector<Value> items;
  for (int64_t i = 0; i < count; ++i) items.push_back(Value::Int(i));
  return ListOfItems(items, arena);
}

Value Reverse(Args args, Arena& arena) {
  if (!args[0].is_list()) return NoMatch();
  std::vector<Value> items = Elements(args[0], arena);
  std::reverse(items.begin(), items.end());
  return ListOfItems(items, arena);
}

Value Slice(Args args, Arena& arena) {
  if (!args[0].is_list() || !args[1].is_int() || !args[2].is_int()) return NoMatch();
  const int64_t start = args[1].integer();
  const int64_t end = args[2].integer();
  const auto size = static_cast<int64_t>(Size(args[0]));
  const std::string call = absl::StrCat("cannot slice(", start, ", ", end, "), ");
  if (start < 0 || end < 0) {
    return Value::Error(absl::StrCat(call, "negative indexes not supported"), arena);
  }
  if (start > end) {
    return Value::Error(absl::StrCat(call, "start index must be less than or equal to end index"),
                        arena);
  }
  if (size < end) return Value::Error(absl::StrCat(call, "list is length ", size), arena);
  std::vector<Value> items;
  for (int64_t i = start; i < end; ++i) {
    items.push_back(ElementAt(args[0], static_cast<size_t>(i), arena));
  }
  return ListOfItems(items, arena);
}

// `items` in the order of their `keys`.
Value SortedBy(std::vector<Value> items, const std::vector<Value>& keys, Arena& arena) {
  if (items.empty()) return ListOfItems(items, arena);
  if (!Compare(keys[0], keys[0]).is_int()) {
    return Value::StaticError("list elements must be comparable");
  }
  for (const Value& key : keys) {
    if (key.kind() != keys[0].kind()) {
      return Value::StaticError("list elements must have the same type");
    }
  }
  std::vector<size_t> order(items.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const Value compared = Compare(keys[a], keys[b]);
    return compared.is_int() && compared.integer() < 0;
  });
  std::vector<Value> sorted;
  for (const size_t i : order) sorted.push_back(items[i]);
  return ListOfItems(sorted, arena);
}
Value Sort(Args args, Arena& arena) {
  if (!args[0].is_list()) return NoMatch();
  const std::vector<Value> items = Elements(args[0], arena);
  return SortedBy(items, items, arena);
}
Value SortByKeys(Args args, Arena& arena) {
  if (!args[0].is_list() || !args[1].is_list()) return NoMatch();
  if (Size(args[0]) != Size(args[1])) {
    return Value::StaticError("@sortByAssociatedKeys() expected a list of the same size");
  }
  return SortedBy(Elements(args[0], arena), Elements(args[1], arena), arena);
}

// The element types that have an order, as overloads name them and as signatures do.
struct Element {
  absl::string_view name;
  absl::string_view extension_name;
  absl::string_view type;
};
constexpr Element kOrdered[] = {
    {"int", "int", "int"},
    {"uint", "uint", "uint"},
    {"double", "double", "double"},
    {"bool", "bool", "bool"},
    {"duration", "google.protobuf.Duration", "duration"},
    {"timestamp", "google.protobuf.Timestamp", "timestamp"},
    {"string", "string", "string"},
    {"bytes", "bytes", "bytes"},
};

// One overload for each ordered type: "$" in the signature stands for its type, "#" for its name.
Function ForOrdered(absl::string_view name, absl::string_view signature, bool extension,
                    Implementation call) {
  std::vector<std::string> signatures;
  for (const Element& element : kOrdered) {
    std::string text;
    for (const char c : signature) {
      if (c == '$') {
        absl::StrAppend(&text, element.type);
      } else if (c == '#') {
        absl::StrAppend(&text, extension ? element.extension_name : element.name);
      } else {
        text += c;
      }
    }
    signatures.push_back(std::move(text));
  }
  const std::vector<absl::string_view> views(signatures.begin(), signatures.end());
  Function function(name, views, call);
  function.needs = extension ? &Features::list_extensions : &Features::kubernetes;
  return function;
}

}  // namespace

std::vector<Function> ListFunctions() {
  std::vector<Function> functions = {
      {"sum", {"list_int_sum_int: .list(int) -> int"}, SumInts},
      {"sum", {"list_uint_sum_uint: .list(uint) -> uint"}, SumUints},
      {"sum", {"list_double_sum_double: .list(double) -> double"}, SumDoubles},
      {"sum", {"list_duration_sum_duration: .list(duration) -> duration"}, SumDurations},
      {"indexOf", {"list_a_index_of_int: .list(A), A -> int"}, IndexOf},
      {"lastIndexOf", {"list_a_last_index_of_int: .list(A), A -> int"}, LastIndexOf},
  };
  for (Function& function : functions) function.needs = &Features::kubernetes;
  functions.push_back(
      ForOrdered("isSorted", "list_#_is_sorted_bool: .list($) -> bool", false, IsSorted));
  functions.push_back(ForOrdered("max", "list_#_max_#: .list($) -> $", false, Max));
  functions.push_back(ForOrdered("min", "list_#_min_#: .list($) -> $", false, Min));

  std::vector<Function> extension = {
      {"distinct", {"list_distinct: .list(T) -> list(T)"}, Distinct},
      {"flatten",
       {"list_flatten: .list(list(T)) -> list(T)",
        "list_flatten_int: .list(dyn), int -> list(dyn)"},
       Flatten},
      {"lists.range", {"lists_range: int -> list(int)"}, Range},
      {"reverse", {"list_reverse: .list(T) -> list(T)"}, Reverse},
      {"slice", {"list_slice: .list(T), int, int -> list(T)"}, Slice},
  };
  for (Function& function : extension) {
    function.needs = &Features::list_extensions;
    functions.push_back(std::move(function));
  }
  functions.push_back(ForOrdered("sort", "list_#_sort: .list($) -> list($)", true, Sort));
  functions.push_back(ForOrdered("@sortByAssociatedKeys",
                                 "list_#_sortByAssociatedKeys: .list(T), list($) -> list(T)", true,
                                 SortByKeys));
  return functions;
}

}  // namespace sluice::cel
