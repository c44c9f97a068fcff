// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/sprig/convert.h"
#include "common/sprig/sprig.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

Result Default(Call& call) { return call.size() > 1 && !IsEmpty(call[1]) ? call[1] : call[0]; }

Result Coalesce(Call& call) {
  for (const Value& value : call.arguments()) {
    if (!IsEmpty(value)) return value;
  }
  return Value();
}

Result All(Call& call) {
  return Value::Bool(std::none_of(call.arguments().begin(), call.arguments().end(), IsEmpty));
}

Result Any(Call& call) {
  return Value::Bool(!std::all_of(call.arguments().begin(), call.arguments().end(), IsEmpty));
}

Result Equal(Call& call) {
  ASSIGN_OR_RETURN(const bool equal, DeepEqual(call[0], call[1], call.session()));
  return Value::Bool(equal);
}

Result TypeIsLike(Call& call) {
  const absl::string_view type = call[1].type_name();
  return Value::Bool(type == call.text(0) || type == absl::StrCat("*", call.text(0)));
}

}  // namespace

std::vector<Function> LogicFunctions() {
  const gotmpl::Type* any = &types::kAny;
  const gotmpl::Type* string = &types::kString;
  return {
      {.name = "default",
       .parameters = {any, any},
       .variadic = true,
       .doc = "The second argument, or the first if that is empty.",
       .code = Default},
      {.name = "empty",
       .parameters = {any},
       .result = &types::kBool,
       .doc = "Whether the argument is nil, 0, false or without content.",
       .code = [](Call& call) -> Result { return Value::Bool(IsEmpty(call[0])); }},
      {.name = "coalesce",
       .parameters = {any},
       .variadic = true,
       .doc = "The first argument that is not empty.",
       .code = Coalesce},
      {.name = "all",
       .parameters = {any},
       .variadic = true,
       .result = &types::kBool,
       .doc = "Whether no argument is empty.",
       .code = All},
      {.name = "any",
       .parameters = {any},
       .variadic = true,
       .result = &types::kBool,
       .doc = "Whether an argument is not empty.",
       .code = Any},
      {.name = "ternary",
       .parameters = {any, any, &types::kBool},
       .doc = "The first argument if the third is true, else the second.",
       .code = [](Call& call) -> Result { return call[call[2].boolean() ? 0 : 1]; }},
      {.name = "fail",
       .parameters = {string},
       .result = string,
       .doc = "Ends the rendering with a message.",
       .code = [](Call& call) -> Result { return Failure(call.text(0)); }},
      {.name = "deepEqual",
       .parameters = {any, any},
       .result = &types::kBool,
       .doc = "Whether two values of the same type have the same content.",
       .code = Equal},
      {.name = "typeOf",
       .parameters = {any},
       .result = string,
       .doc = "The name of the argument's type.",
       .code = [](Call& call) -> Result { return Value::String(call[0].type_name()); }},
      {.name = "typeIs",
       .parameters = {string, any},
       .result = &types::kBool,
       .doc = "Whether the second argument is of the type.",
       .code = [](Call& call) -> Result {
         return Value::Bool(call.text(0) == call[1].type_name());
       }},
      {.name = "typeIsLike",
       .parameters = {string, any},
       .result = &types::kBool,
       .doc = "Whether the second argument is of the type or a pointer to it.",
       .code = TypeIsLike},
      {.name = "kindOf",
       .parameters = {any},
       .result = string,
       .doc = "The kind of the argument's type.",
       .code = [](Call& call) -> Result { return Value::String(KindName(call[0])); }},
      {.name = "kindIs",
       .parameters = {string, any},
       .result = &types::kBool,
       .doc = "Whether the second argument is of the kind.",
       .code = [](Call& call) -> Result { return Value::Bool(call.text(0) == KindName(call[1])); }},
  };
}

}  // namespace sluice::sprig
