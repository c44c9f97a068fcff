// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/builtins.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/escape.h"
#include "common/gotmpl/format.h"

namespace sluice::gotmpl {
namespace {

using Result = absl::StatusOr<Value>;

absl::Status Refuse(absl::string_view message) { return absl::InvalidArgumentError(message); }

FormatLimits LimitsOf(Session& session) {
  return {.bytes = session.function_bytes_left(), .depth = session.limits().value_depth};
}

Result AsValue(absl::StatusOr<std::string> text) {
  if (!text.ok()) return std::move(text).status();
  return Value::String(*text);
}

Result AsValue(absl::StatusOr<bool> truth) {
  if (!truth.ok()) return std::move(truth).status();
  return Value::Bool(*truth);
}

// The operand of html, js and urlquery: one string as it is, anything else as print has it.
Result Escaped(Call& call, std::string (*escape)(absl::string_view)) {
  if (call.size() == 1 && call[0].is_string()) return Value::String(escape(call.text(0)));
  std::vector<Value> operands;
  for (const Value& argument : call.arguments()) {
    if (argument.is_untyped_nil()) {
      operands.push_back(Value::String("<no value>"));
    } else if (argument.kind() == Kind::kPointer && !argument.is_nil() &&
               argument.type()->text == nullptr) {
      operands.push_back(argument.Pointee());
    } else {
      operands.push_back(argument);
    }
  }
  ASSIGN_OR_RETURN(const std::string text, Sprint(operands, LimitsOf(call.session())));
  return Value::String(escape(text));
}

// Follows pointers; false at a nil.
bool Indirect(Value& value) {
  while (value.kind() == Kind::kPointer && !value.is_nil()) value = value.Pointee();
  return value.kind() != Kind::kPointer && value.kind() != Kind::kInterface;
}

// The position that an index argument names, from 0 to `size`.
absl::StatusOr<size_t> Position(const Value& index, size_t size) {
  if (index.is_untyped_nil() || index.kind() == Kind::kInterface) {
    return Refuse("cannot index slice/array with nil");
  }
  if (!index.type()->is_integer()) {
    return Refuse(absl::StrCat("cannot index slice/array with type ", index.type_name()));
  }
  const int64_t position = index.type()->is_signed()
                               ? index.signed_integer()
                               : static_cast<int64_t>(index.unsigned_integer());
  if (position < 0 || static_cast<uint64_t>(position) > size) {
    return Refuse(absl::StrCat("index out of range: ", position));
  }
  return static_cast<size_t>(position);
}

Result ElementAt(const Value& container, const Value& index) {
  if (container.kind() == Kind::kSlice || container.kind() == Kind::kString) {
    ASSIGN_OR_RETURN(const size_t position, Position(index, container.size()));
    if (position == container.size()) {
      return Refuse(absl::StrCat("reflect: ", container.is_string() ? "string" : "slice",
                                 " index out of range"));
    }
    return container.at(position);
  }
  if (container.kind() != Kind::kMap) {
    return Refuse(absl::StrCat("can't index item of type ", container.type_name()));
  }
  if (index.is_untyped_nil() || index.kind() == Kind::kInterface) {
    return Refuse("value is nil; should be of type string");
  }
  if (index.type() != &types::kString) {
    return Refuse(absl::StrCat("value has type ", index.type_name(), "; should be string"));
  }
  const Value* member = container.Find(index.text());
  return member != nullptr ? *member : Value::Zero(*container.type()->elem);
}

Result Index(Call& call) {
  Value item = call[0];
  if (item.is_untyped_nil() || item.kind() == Kind::kInterface) {
    return Refuse("index of untyped nil");
  }
  for (const Value& index : call.arguments().subspan(1)) {
    if (item.is_untyped_nil() || !Indirect(item)) return Refuse("index of nil pointer");
    ASSIGN_OR_RETURN(item, ElementAt(item, index));
  }
  return item;
}

Result Slice(Call& call) {
  Value item = call[0];
  if (item.is_untyped_nil() || item.kind() == Kind::kInterface) {
    return Refuse("slice of untyped nil");
  }
  if (!Indirect(item)) return Refuse("slice of nil pointer");
  const size_t indexes = call.size() - 1;
  if (indexes > 3) return Refuse(absl::StrCat("too many slice indexes: ", indexes));
  if (item.is_string() && indexes == 3) return Refuse("cannot 3-index slice a string");
  if (!item.is_string() && item.kind() != Kind::kSlice) {
    return Refuse(absl::StrCat("can't slice item of type ", item.type_name()));
  }
  size_t bounds[3] = {0, item.size(), item.size()};
  for (size_t i = 0; i < indexes; ++i) {
    ASSIGN_OR_RETURN(bounds[i], Position(call[i + 1], item.size()));
  }
  for (size_t i = 0; i < 2; ++i) {
    if (bounds[i] > bounds[i + 1]) {
      return Refuse(absl::StrCat("invalid slice index: ", bounds[i], " > ", bounds[i + 1]));
    }
  }
  const size_t count = bounds[1] - bounds[0];
  if (item.is_string() || item.type()->elem == &types::kUint8) {
    return Value::StringOf(*item.type(), item.text().substr(bounds[0], count));
  }
  const auto first = item.items().begin() + static_cast<std::ptrdiff_t>(bounds[0]);
  return Value::ListOf(*item.type(), List(first, first + static_cast<std::ptrdiff_t>(count)));
}

Result Length(Call& call) {
  Value item = call[0];
  if (item.is_untyped_nil()) return Refuse("reflect: call of reflect.Value.Type on zero Value");
  if (!Indirect(item)) return Refuse("len of nil pointer");
  if (!item.is_string() && item.kind() != Kind::kSlice && item.kind() != Kind::kMap) {
    return Refuse(absl::StrCat("len of type ", item.type_name()));
  }
  return Value::Int(static_cast<int64_t>(item.size()));
}

absl::StatusOr<bool> EqualToAny(Call& call) {
  if (call.size() == 1) return Refuse("missing argument for comparison");
  for (const Value& other : call.arguments().subspan(1)) {
    ASSIGN_OR_RETURN(const bool equal, Equal(call[0], other));
    if (equal) return true;
  }
  return false;
}

absl::StatusOr<bool> LessOrEqual(Call& call) {
  ASSIGN_OR_RETURN(const bool less, Less(call[0], call[1]));
  if (less) return true;
  return Equal(call[0], call[1]);
}

absl::StatusOr<bool> Negated(absl::StatusOr<bool> truth) {
  if (!truth.ok()) return truth;
  return !*truth;
}

std::vector<const Type*> Raw(size_t count) { return std::vector<const Type*>(count, &types::kRaw); }

std::vector<Function> ComparisonFunctions() {
  return {
      {.name = "eq",
       .parameters = Raw(2),
       .variadic = true,
       .result = &types::kBool,
       .doc = "Whether the first argument equals any of the others.",
       .code = [](Call& call) { return AsValue(EqualToAny(call)); }},
      {.name = "ne",
       .parameters = Raw(2),
       .result = &types::kBool,
       .doc = "Whether the two arguments differ.",
       .code = [](Call& call) { return AsValue(Negated(Equal(call[0], call[1]))); }},
      {.name = "lt",
       .parameters = Raw(2),
       .result = &types::kBool,
       .doc = "Whether the first argument is less than the second.",
       .code = [](Call& call) { return AsValue(Less(call[0], call[1])); }},
      {.name = "le",
       .parameters = Raw(2),
       .result = &types::kBool,
       .doc = "Whether the first argument is at most the second.",
       .code = [](Call& call) { return AsValue(LessOrEqual(call)); }},
      {.name = "gt",
       .parameters = Raw(2),
       .result = &types::kBool,
       .doc = "Whether the first argument is greater than the second.",
       .code = [](Call& call) { return AsValue(Negated(LessOrEqual(call))); }},
      {.name = "ge",
       .parameters = Raw(2),
       .result = &types::kBool,
       .doc = "Whether the first argument is at least the second.",
       .code = [](Call& call) { return AsValue(Negated(Less(call[0], call[1]))); }},
  };
}

std::vector<Function> LogicFunctions() {
  return {
      {.name = "and",
       .parameters = Raw(2),
       .variadic = true,
       .doc = "The first argument that is false, or else the last. The rest is not evaluated.",
       .code = nullptr,
       .evaluation = Evaluation::kAnd},
      {.name = "or",
       .parameters = Raw(2),
       .variadic = true,
       .doc = "The first argument that is true, or else the last. The rest is not evaluated.",
       .code = nullptr,
       .evaluation = Evaluation::kOr},
      {.name = "call",
       .parameters = Raw(2),
       .variadic = true,
       .doc = "The result of the first argument, a function, with the others.",
       .code = nullptr,
       .evaluation = Evaluation::kCall},
      {.name = "not",
       .parameters = Raw(1),
       .result = &types::kBool,
       .doc = "Whether the argument is false.",
       .code = [](Call& call) -> Result { return Value::Bool(!call[0].IsTrue()); }},
  };
}

std::vector<Function> ContainerFunctions() {
  return {
      {.name = "index",
       .parameters = Raw(2),
       .variadic = true,
       .doc = "The element of a map, list or string at an index; of nested ones at several.",
       .code = Index},
      {.name = "slice",
       .parameters = Raw(2),
       .variadic = true,
       .doc = "The part of a list or string between two positions.",
       .code = Slice},
      {.name = "len",
       .parameters = Raw(1),
       .result = &types::kInt,
       .doc = "The number of elements of a map or list, or of bytes of a string.",
       .code = Length},
  };
}

std::vector<Function> TextFunctions() {
  const std::vector<const Type*> any = {&types::kAny};
  return {
      {.name = "print",
       .parameters = any,
       .variadic = true,
       .result = &types::kString,
       .doc = "The arguments as text, with spaces between those that are no strings.",
       .code =
           [](Call& call) { return AsValue(Sprint(call.arguments(), LimitsOf(call.session()))); }},
      {.name = "printf",
       .parameters = {&types::kString, &types::kAny},
       .variadic = true,
       .result = &types::kString,
       .doc = "The arguments in a format of Go's package fmt.",
       .code =
           [](Call& call) {
             return AsValue(
                 Sprintf(call.text(0), call.arguments().subspan(1), LimitsOf(call.session())));
           }},
      {.name = "println",
       .parameters = any,
       .variadic = true,
       .result = &types::kString,
       .doc = "The arguments as text, with spaces between them and a newline at the end.",
       .code =
           [](Call& call) {
             return AsValue(Sprintln(call.arguments(), LimitsOf(call.session())));
           }},
      {.name = "html",
       .parameters = any,
       .variadic = true,
       .result = &types::kString,
       .doc = "The arguments as text, escaped for HTML.",
       .code = [](Call& call) { return Escaped(call, EscapeHtml); }},
      {.name = "js",
       .parameters = any,
       .variadic = true,
       .result = &types::kString,
       .doc = "The arguments as text, escaped for a string in JavaScript.",
       .code = [](Call& call) { return Escaped(call, EscapeJs); }},
      {.name = "urlquery",
       .parameters = any,
       .variadic = true,
       .result = &types::kString,
       .doc = "The arguments as text, escaped for the query of a URL.",
       .code = [](Call& call) { return Escaped(call, EscapeQuery); }},
  };
}

}  // namespace

std::span<const Function> Builtins() {
  static const std::vector<Function>& functions = *[] {
    auto* all = new std::vector<Function>();
    for (const std::vector<Function>& family :
         {ComparisonFunctions(), LogicFunctions(), ContainerFunctions(), TextFunctions()}) {
      all->insert(all->end(), family.begin(), family.end());
    }
    return all;
  }();
  return functions;
}

}  // namespace sluice::gotmpl
