// SPDX-License-Identifier: Apache-2.0
#include <span>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/format.h"
#include "common/sprig/convert.h"
#include "common/sprig/splitting.h"
#include "common/sprig/sprig.h"
#include "common/text/quote.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Map;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

Result Quote(Call& call) {
  std::vector<std::string> quoted;
  size_t size = 0;
  for (const Value& value : call.arguments()) {
    if (value.is_untyped_nil()) continue;
    ASSIGN_OR_RETURN(const std::string text, ToText(value, call.session()));
    quoted.push_back(text::Quote(text));
    size += quoted.back().size();
    RETURN_IF_ERROR(call.session().CheckFunction(size));
  }
  return Value::String(absl::StrJoin(quoted, " "));
}

// The arguments that are not nil as %v prints them, between `quote`s.
Result Joined(Call& call, absl::string_view quote) {
  std::vector<std::string> texts;
  size_t size = 0;
  for (const Value& value : call.arguments()) {
    if (value.is_untyped_nil()) continue;
    ASSIGN_OR_RETURN(
        std::string text,
        gotmpl::Sprint(std::span(&value, 1), {.bytes = call.session().function_bytes_left(),
                                              .depth = call.session().limits().value_depth}));
    texts.push_back(absl::StrCat(quote, text, quote));
    size += texts.back().size();
    RETURN_IF_ERROR(call.session().CheckFunction(size));
  }
  return Value::String(absl::StrJoin(texts, " "));
}

Result Join(Call& call) {
  ASSIGN_OR_RETURN(const std::vector<std::string> texts, ToTexts(call[1], call.session()));
  const uint64_t separators = texts.size() * call.text(0).size();
  RETURN_IF_ERROR(call.session().ChargeFunction(separators));
  return Value::String(absl::StrJoin(texts, call.text(0)));
}

Value NumberedParts(const std::vector<absl::string_view>& parts) {
  Map members;
  for (size_t i = 0; i < parts.size(); ++i) {
    members[absl::StrCat("_", i)] = Value::String(parts[i]);
  }
  return Value::MapOf(types::kStringMap, std::move(members));
}

// A dict with the parts of the text argument.
Result Split(Call& call, size_t text, int64_t most) {
  const size_t count = CountParts(call.text(text), call.text(0), most);
  RETURN_IF_ERROR(call.session().ChargeElements(gotmpl::kElementsPerMember * count));
  return NumberedParts(SplitText(call.text(text), call.text(0), most));
}

Result SplitList(Call& call) {
  RETURN_IF_ERROR(call.session().ChargeElements(CountParts(call.text(1), call.text(0), -1)));
  gotmpl::List parts;
  for (const absl::string_view part : SplitText(call.text(1), call.text(0), -1)) {
    parts.push_back(Value::String(part));
  }
  return Value::ListOf(types::kStrings, std::move(parts));
}

}  // namespace

std::vector<Function> JoiningFunctions() {
  const gotmpl::Type* string = &types::kString;
  const gotmpl::Type* any = &types::kAny;
  return {
      {.name = "quote",
       .parameters = {any},
       .variadic = true,
       .result = string,
       .doc = "The arguments in double quotes, escaped.",
       .code = Quote},
      {.name = "squote",
       .parameters = {any},
       .variadic = true,
       .result = string,
       .doc = "The arguments in single quotes, as they are.",
       .code = [](Call& call) { return Joined(call, "'"); }},
      {.name = "cat",
       .parameters = {any},
       .variadic = true,
       .result = string,
       .doc = "The arguments with spaces between them.",
       .code = [](Call& call) { return Joined(call, ""); }},
      {.name = "toString",
       .parameters = {any},
       .result = string,
       .doc = "The argument as text.",
       .code = [](Call& call) -> Result {
         if (call[0].type() == &types::kString) return call[0];
         ASSIGN_OR_RETURN(std::string text, ToText(call[0], call.session()));
         return Value::String(std::move(text));
       }},
      {.name = "join",
       .parameters = {string, any},
       .result = string,
       .doc = "The elements of a list with a separator between them.",
       .code = Join},
      {.name = "split",
       .parameters = {string, string},
       .result = &types::kStringMap,
       .doc = "The parts of the text between separators, as a map with the keys _0, _1 …",
       .code = [](Call& call) { return Split(call, 1, -1); }},
      {.name = "splitn",
       .parameters = {string, &types::kInt, string},
       .result = &types::kStringMap,
       .doc = "As split, with at most so many parts.",
       .code = [](Call& call) { return Split(call, 2, call.integer(1)); }},
      {.name = "splitList",
       .parameters = {string, string},
       .result = &types::kStrings,
       .doc = "The parts of the text between separators.",
       .code = SplitList},
  };
}

}  // namespace sluice::sprig
