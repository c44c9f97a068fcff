// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/sprig/convert.h"
#include "common/sprig/sprig.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Kind;
using gotmpl::List;
using gotmpl::Session;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

// The elements of a list of any type. `refusal` is what is said of anything else, up to its kind.
absl::StatusOr<List> ElementsOf(const Value& list, absl::string_view refusal) {
  if (list.is_untyped_nil()) return NilDereference();
  if (list.kind() != Kind::kSlice) return Failure(absl::StrCat(refusal, KindName(list)));
  List items;
  items.reserve(list.size());
  for (size_t i = 0; i < list.size(); ++i) items.push_back(list.at(i));
  return items;
}

absl::StatusOr<bool> Contains(std::span<const Value> items, const Value& wanted, Session& session) {
  for (const Value& item : items) {
    ASSIGN_OR_RETURN(const bool equal, DeepEqual(wanted, item, session));
    if (equal) return true;
  }
  return false;
}

Result MakeList(Call& call) {
  return Value::FromList(List(call.arguments().begin(), call.arguments().end()));
}

Result First(Call& call) {
  ASSIGN_OR_RETURN(const List items, ElementsOf(call[0], "Cannot find first on type "));
  return items.empty() ? Value() : items.front();
}

Result Last(Call& call) {
  ASSIGN_OR_RETURN(const List items, ElementsOf(call[0], "Cannot find last on type "));
  return items.empty() ? Value() : items.back();
}

Result Rest(Call& call) {
  ASSIGN_OR_RETURN(List items, ElementsOf(call[0], "Cannot find rest on type "));
  if (items.empty()) return Value::NilOf(types::kList);
  items.erase(items.begin());
  return Value::FromList(std::move(items));
}

Result Initial(Call& call) {
  ASSIGN_OR_RETURN(List items, ElementsOf(call[0], "Cannot find initial on type "));
  if (items.empty()) return Value::NilOf(types::kList);
  items.pop_back();
  return Value::FromList(std::move(items));
}

Result Append(Call& call) {
  ASSIGN_OR_RETURN(List items, ElementsOf(call[0], "Cannot push on type "));
  items.push_back(call[1]);
  return Value::FromList(std::move(items));
}

Result Prepend(Call& call) {
  ASSIGN_OR_RETURN(List items, ElementsOf(call[0], "Cannot prepend on type "));
  items.insert(items.begin(), call[1]);
  return Value::FromList(std::move(items));
}

Result Reverse(Call& call) {
  ASSIGN_OR_RETURN(List items, ElementsOf(call[0], "Cannot find reverse on type "));
  std::reverse(items.begin(), items.end());
  return Value::FromList(std::move(items));
}

Result Compact(Call& call) {
  ASSIGN_OR_RETURN(List items, ElementsOf(call[0], "Cannot compact on type "));
  std::erase_if(items, IsEmpty);
  return Value::FromList(std::move(items));
}

Result Uniq(Call& call) {
  ASSIGN_OR_RETURN(const List items, ElementsOf(call[0], "Cannot find uniq on type "));
  List unique;
  for (const Value& item : items) {
    ASSIGN_OR_RETURN(const bool known, Contains(unique, item, call.session()));
    if (!known) unique.push_back(item);
  }
  return Value::FromList(std::move(unique));
}

Result Without(Call& call) {
  ASSIGN_OR_RETURN(const List items, ElementsOf(call[0], "Cannot find without on type "));
  List kept;
  for (const Value& item : items) {
    ASSIGN_OR_RETURN(const bool dropped,
                     Contains(call.arguments().subspan(1), item, call.session()));
    if (!dropped) kept.push_back(item);
  }
  return Value::FromList(std::move(kept));
}

Result Has(Call& call) {
  if (call[1].is_untyped_nil()) return Value::Bool(false);
  ASSIGN_OR_RETURN(const List items, ElementsOf(call[1], "Cannot find has on type "));
  ASSIGN_OR_RETURN(const bool found, Contains(items, call[0], call.session()));
  return Value::Bool(found);
}

Result Slice(Call& call) {
  ASSIGN_OR_RETURN(const List items,
                   ElementsOf(call[0], "list should be type of slice or array but "));
  if (items.empty()) return Value();
  const auto size = static_cast<int64_t>(items.size());
  const int64_t start = call.size() > 1 ? ToInt64(call[1]) : 0;
  const int64_t end = call.size() > 2 ? ToInt64(call[2]) : size;
  if (start < 0 || end < start || end > size) {
    return Failure("reflect.Value.Slice: slice index out of bounds");
  }
  if (call[0].type()->elem == &types::kUint8) {
    return Value::StringOf(
        *call[0].type(),
        call[0].text().substr(static_cast<size_t>(start), static_cast<size_t>(end - start)));
  }
  return Value::ListOf(*call[0].type(), List(items.begin() + start, items.begin() + end));
}

Result Concat(Call& call) {
  List all;
  for (const Value& list : call.arguments()) {
    ASSIGN_OR_RETURN(List items, ElementsOf(list, ""));
    all.insert(all.end(), items.begin(), items.end());
  }
  return all.empty() ? Value::NilOf(types::kList) : Value::FromList(std::move(all));
}

Result CheckedConcat(Call& call) {
  for (const Value& list : call.arguments()) {
    if (list.is_untyped_nil()) return NilDereference();
    if (list.kind() != Kind::kSlice) {
      return Failure(absl::StrCat("Cannot concat type ", KindName(list), " as list"));
    }
  }
  return Concat(call);
}

Result Chunk(Call& call) {
  ASSIGN_OR_RETURN(const List items, ElementsOf(call[1], "Cannot chunk type "));
  const int64_t size = call.integer(0);
  const auto count = static_cast<int64_t>(items.size());
  const auto chunks = std::floor(static_cast<double>(count - 1) / static_cast<double>(size)) + 1;
  if (!(chunks >= 0 && chunks <= static_cast<double>(count))) {
    return Failure("runtime error: makeslice: len out of range");
  }
  List parts;
  for (int64_t start = 0; start < count && size > 0; start += std::min(size, count)) {
    const int64_t end = start + std::min(size, count - start);
    parts.push_back(Value::FromList(List(items.begin() + start, items.begin() + end)));
  }
  return Value::ListOf(types::kLists, std::move(parts));
}

Result SortAlpha(Call& call) {
  const Value& list = call[0];
  std::vector<std::string> texts;
  if (list.kind() == Kind::kSlice) {
    ASSIGN_OR_RETURN(texts, ToTexts(list, call.session()));
  } else {
    ASSIGN_OR_RETURN(std::string text, ToText(list, call.session()));
    texts.push_back(std::move(text));
  }
  std::sort(texts.begin(), texts.end());
  return Value::Strings(texts);
}

Result ToStrings(Call& call) {
  ASSIGN_OR_RETURN(const std::vector<std::string> texts, ToTexts(call[0], call.session()));
  return Value::Strings(texts);
}

// Adds the function and its twin "mustX", which differ in Go only in how they fail.
void AddPair(Function function, absl::string_view must_name, std::vector<Function>& functions) {
  functions.push_back(function);
  function.name = must_name;
  functions.push_back(std::move(function));
}

}  // namespace

std::vector<Function> ListFunctions() {
  const std::vector<const gotmpl::Type*> one = {&types::kAny};
  const std::vector<const gotmpl::Type*> two = {&types::kAny, &types::kAny};
  std::vector<Function> functions;
  for (const absl::string_view name : {"list", "tuple"}) {
    functions.push_back({.name = name,
                         .parameters = one,
                         .variadic = true,
                         .result = &types::kList,
                         .doc = "A list of the arguments.",
                         .code = MakeList});
  }
  AddPair({.name = "first", .parameters = one, .doc = "The first element.", .code = First},
          "mustFirst", functions);
  AddPair({.name = "last", .parameters = one, .doc = "The last element.", .code = Last}, "mustLast",
          functions);
  AddPair({.name = "rest",
           .parameters = one,
           .result = &types::kList,
           .doc = "All elements but the first.",
           .code = Rest},
          "mustRest", functions);
  AddPair({.name = "initial",
           .parameters = one,
           .result = &types::kList,
           .doc = "All elements but the last.",
           .code = Initial},
          "mustInitial", functions);
  AddPair({.name = "append",
           .parameters = two,
           .result = &types::kList,
           .doc = "The list with one element more at its end.",
           .code = Append},
          "mustAppend", functions);
  AddPair({.name = "push",
           .parameters = two,
           .result = &types::kList,
           .doc = "The list with one element more at its end.",
           .code = Append},
          "mustPush", functions);
  AddPair({.name = "prepend",
           .parameters = two,
           .result = &types::kList,
           .doc = "The list with one element more in front.",
           .code = Prepend},
          "mustPrepend", functions);
  AddPair({.name = "reverse",
           .parameters = one,
           .result = &types::kList,
           .doc = "The elements from the last to the first.",
           .code = Reverse},
          "mustReverse", functions);
  AddPair({.name = "compact",
           .parameters = one,
           .result = &types::kList,
           .doc = "The elements that are not empty.",
           .code = Compact},
          "mustCompact", functions);
  AddPair({.name = "uniq",
           .parameters = one,
           .result = &types::kList,
           .doc = "The elements, each once.",
           .code = Uniq},
          "mustUniq", functions);
  AddPair({.name = "without",
           .parameters = two,
           .variadic = true,
           .result = &types::kList,
           .doc = "The elements that are none of the other arguments.",
           .code = Without},
          "mustWithout", functions);
  AddPair({.name = "has",
           .parameters = two,
           .result = &types::kBool,
           .doc = "Whether the first argument is an element of the list.",
           .code = Has},
          "mustHas", functions);
  AddPair({.name = "slice",
           .parameters = two,
           .variadic = true,
           .doc = "The part of the list between two positions.",
           .code = Slice},
          "mustSlice", functions);
  AddPair({.name = "chunk",
           .parameters = {&types::kInt, &types::kAny},
           .result = &types::kLists,
           .doc = "The list in lists of the given length.",
           .code = Chunk},
          "mustChunk", functions);
  functions.push_back({.name = "concat",
                       .parameters = one,
                       .variadic = true,
                       .doc = "The elements of all lists in one.",
                       .code = CheckedConcat});
  functions.push_back({.name = "sortAlpha",
                       .parameters = one,
                       .result = &types::kStrings,
                       .doc = "The elements as texts, sorted by their bytes.",
                       .code = SortAlpha});
  functions.push_back({.name = "toStrings",
                       .parameters = one,
                       .result = &types::kStrings,
                       .doc = "The elements as texts.",
                       .code = ToStrings});
  return functions;
}

}  // namespace sluice::sprig
