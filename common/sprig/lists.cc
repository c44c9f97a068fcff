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

// The elements of a list of any type, without a copy but for bytes.
class Elements {
 public:
  explicit Elements(const Value& list) : list_(&list.items()) {
    if (list.type()->elem != &types::kUint8) return;
    for (size_t i = 0; i < list.size(); ++i) bytes_.push_back(list.at(i));
    list_ = nullptr;
  }
  const List& get() const { return list_ == nullptr ? bytes_ : *list_; }

 private:
  const List* list_;
  List bytes_;
};

// The argument's elements. `refusal` is what is said of anything but a list, up to its kind.
absl::StatusOr<Elements> ElementsOf(Call& call, size_t argument, absl::string_view refusal) {
  const Value& list = call[argument];
  if (list.is_untyped_nil()) return NilDereference();
  if (list.kind() != Kind::kSlice) return Failure(absl::StrCat(refusal, KindName(list)));
  if (list.type()->elem == &types::kUint8) {
    RETURN_IF_ERROR(call.session().ChargeElements(list.size()));
  }
  return Elements(list);
}

// The same for a function that makes a list as long of them.
absl::StatusOr<List> CopyOf(Call& call, size_t argument, absl::string_view refusal) {
  ASSIGN_OR_RETURN(const Elements elements, ElementsOf(call, argument, refusal));
  RETURN_IF_ERROR(call.session().ChargeElements(elements.get().size()));
  return elements.get();
}

absl::StatusOr<bool> Contains(std::span<const Value> items, const Value& wanted, Session& session) {
  for (const Value& item : items) {
    ASSIGN_OR_RETURN(const bool equal, DeepEqual(wanted, item, session));
    if (equal) return true;
  }
  return false;
}

Result MakeList(Call& call) {
  RETURN_IF_ERROR(call.session().ChargeElements(call.size()));
  return Value::FromList(List(call.arguments().begin(), call.arguments().end()));
}

Result First(Call& call) {
  ASSIGN_OR_RETURN(const Elements elements, ElementsOf(call, 0, "Cannot find first on type "));
  const List& items = elements.get();
  return items.empty() ? Value() : items.front();
}

Result Last(Call& call) {
  ASSIGN_OR_RETURN(const Elements elements, ElementsOf(call, 0, "Cannot find last on type "));
  const List& items = elements.get();
  return items.empty() ? Value() : items.back();
}

Result Rest(Call& call) {
  ASSIGN_OR_RETURN(List items, CopyOf(call, 0, "Cannot find rest on type "));
  if (items.empty()) return Value::NilOf(types::kList);
  items.erase(items.begin());
  return Value::FromList(std::move(items));
}

Result Initial(Call& call) {
  ASSIGN_OR_RETURN(List items, CopyOf(call, 0, "Cannot find initial on type "));
  if (items.empty()) return Value::NilOf(types::kList);
  items.pop_back();
  return Value::FromList(std::move(items));
}

// At the cost of a copy each, so that a long list is not made by adding its elements one by one.
Result Append(Call& call) {
  ASSIGN_OR_RETURN(List items, CopyOf(call, 0, "Cannot push on type "));
  items.push_back(call[1]);
  return Value::FromList(std::move(items));
}

Result Prepend(Call& call) {
  ASSIGN_OR_RETURN(List items, CopyOf(call, 0, "Cannot prepend on type "));
  items.insert(items.begin(), call[1]);
  return Value::FromList(std::move(items));
}

Result Reverse(Call& call) {
  ASSIGN_OR_RETURN(List items, CopyOf(call, 0, "Cannot find reverse on type "));
  std::reverse(items.begin(), items.end());
  return Value::FromList(std::move(items));
}

Result Compact(Call& call) {
  ASSIGN_OR_RETURN(List items, CopyOf(call, 0, "Cannot compact on type "));
  std::erase_if(items, IsEmpty);
  return Value::FromList(std::move(items));
}

Result Uniq(Call& call) {
  ASSIGN_OR_RETURN(const Elements elements, ElementsOf(call, 0, "Cannot find uniq on type "));
  const List& items = elements.get();
  RETURN_IF_ERROR(call.session().ChargeElements(items.size()));
  List unique;
  for (const Value& item : items) {
    ASSIGN_OR_RETURN(const bool known, Contains(unique, item, call.session()));
    if (!known) unique.push_back(item);
  }
  return Value::FromList(std::move(unique));
}

Result Without(Call& call) {
  ASSIGN_OR_RETURN(const Elements elements, ElementsOf(call, 0, "Cannot find without on type "));
  const List& items = elements.get();
  RETURN_IF_ERROR(call.session().ChargeElements(items.size()));
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
  ASSIGN_OR_RETURN(const Elements elements, ElementsOf(call, 1, "Cannot find has on type "));
  ASSIGN_OR_RETURN(const bool found, Contains(elements.get(), call[0], call.session()));
  return Value::Bool(found);
}

Result Slice(Call& call) {
  ASSIGN_OR_RETURN(const Elements elements,
                   ElementsOf(call, 0, "list should be type of slice or array but "));
  const List& items = elements.get();
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
  RETURN_IF_ERROR(call.session().ChargeElements(static_cast<uint64_t>(end - start)));
  return Value::ListOf(*call[0].type(), List(items.begin() + start, items.begin() + end));
}

Result Concat(Call& call) {
  List all;
  for (size_t i = 0; i < call.size(); ++i) {
    ASSIGN_OR_RETURN(const Elements elements, ElementsOf(call, i, ""));
    RETURN_IF_ERROR(call.session().ChargeElements(elements.get().size()));
    all.insert(all.end(), elements.get().begin(), elements.get().end());
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
  ASSIGN_OR_RETURN(const Elements elements, ElementsOf(call, 1, "Cannot chunk type "));
  const List& items = elements.get();
  const int64_t size = call.integer(0);
  const auto count = static_cast<int64_t>(items.size());
  const auto chunks = std::floor(static_cast<double>(count - 1) / static_cast<double>(size)) + 1;
  if (!(chunks >= 0 && chunks <= static_cast<double>(count))) {
    return Failure("runtime error: makeslice: len out of range");
  }
  RETURN_IF_ERROR(call.session().ChargeElements(items.size() + static_cast<uint64_t>(chunks)));
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
