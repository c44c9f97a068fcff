// For tests: templates run with a few functions and some data.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/template_set.h"

namespace sluice::gotmpl {

// An object as Helm has them: a struct with fields, and methods on the pointer to it.
inline const Type& VersionPointer();

inline std::string VersionText(const Value& value) {
  return absl::StrCat("v", value.field(0).text());
}

inline const Type& VersionType() {
  static const gotmpl::Field fields[] = {{.name = "Major", .type = &types::kString},
                                         {.name = "hidden", .type = &types::kString}};
  static const Type type{
      .kind = Kind::kStruct, .name = "t.Version", .pointer = &VersionPointer(), .fields = fields};
  return type;
}

inline const Type& VersionPointer() {
  static const Function methods[] = {
      {.name = "Plus",
       .parameters = {&types::kInt},
       .result = &types::kString,
       .code = [](Call& call) -> absl::StatusOr<Value> {
         return Value::String(absl::StrCat(call[0].field(0).text(), "+", call.integer(1)));
       }}};
  // Set after the fact, as the two types name each other.
  static Type type{
      .kind = Kind::kPointer, .name = "*t.Version", .methods = methods, .text = VersionText};
  return type;
}

inline Value Version() {
  const_cast<Type&>(VersionPointer()).elem = &VersionType();
  return Value::ObjectOf(VersionPointer(), std::make_shared<Record>(std::vector<Value>{
                                               Value::String("7"), Value::String("x")}));
}

inline const Type& NamedMap() {
  static const Type type{
      .kind = Kind::kMap, .name = "t.Values", .elem = &types::kAny, .literal = &types::kMap};
  return type;
}

inline FunctionTable TestFunctions() {
  FunctionTable functions;
  functions.Add({.name = "list",
                 .parameters = {&types::kAny},
                 .variadic = true,
                 .result = &types::kList,
                 .code = [](Call& call) -> absl::StatusOr<Value> {
                   return Value::FromList(List(call.arguments().begin(), call.arguments().end()));
                 }});
  functions.Add({.name = "upper",
                 .parameters = {&types::kString},
                 .result = &types::kString,
                 .code = [](Call& call) -> absl::StatusOr<Value> {
                   return Value::String(absl::AsciiStrToUpper(call.text(0)));
                 }});
  functions.Add({.name = "twice",
                 .parameters = {&types::kInt},
                 .result = &types::kInt,
                 .code = [](Call& call) -> absl::StatusOr<Value> {
                   return Value::Int(2 * call.integer(0));
                 }});
  functions.Add({.name = "size",
                 .parameters = {&types::kMap},
                 .result = &types::kString,
                 .code = [](Call& call) -> absl::StatusOr<Value> {
                   return Value::String(absl::StrCat(call[0].size(), call[0].type_name()));
                 }});
  functions.Add(
      {.name = "nothing", .code = [](Call&) -> absl::StatusOr<Value> { return Value(); }});
  functions.Add(
      {.name = "boom", .result = &types::kString, .code = [](Call&) -> absl::StatusOr<Value> {
         return absl::UnavailableError("no more");
       }});
  functions.Add({.name = "set",
                 .parameters = {&types::kMap, &types::kString, &types::kAny},
                 .result = &types::kMap,
                 .code = [](Call& call) -> absl::StatusOr<Value> {
                   call.session().WillChange(call[0].map());
                   (*call[0].map())[std::string(call.text(1))] = call[2];
                   return call[0];
                 }});
  functions.Add({.name = "include",
                 .parameters = {&types::kString, &types::kAny},
                 .result = &types::kString,
                 .code = [](Call& call) -> absl::StatusOr<Value> {
                   std::string out;
                   RETURN_IF_ERROR(
                       call.templates()->Execute(call.text(0), call[1], call.session(), out));
                   return Value::String(out);
                 }});
  return functions;
}

inline Value Data() {
  Map values = {{"n", Value::Float(3)},
                {"i", Value::Int(3)},
                {"u", Value::UnsignedOf(types::kUint, 3)},
                {"s", Value::String("text")},
                {"none", Value()},
                {"l", Value::FromList({Value::String("a"), Value::String("b"), Value()})},
                {"m", Value::FromMap({{"b", Value::Int(2)}, {"a", Value::Int(1)}})},
                {"strings", Value::Strings(std::vector<std::string>{"x", "y"})},
                {"labels", Value::MapOf(types::kStringMap, {{"k", Value::String("v")}})},
                {"named", Value::MapOf(NamedMap(), {{"k", Value::Int(1)}})},
                {"version", Version()},
                {"nilversion", Value::NilOf(VersionPointer())},
                {"f", Value::FunctionOf(types::kFunc, std::make_shared<Function>(
                                                          *TestFunctions().Find("twice")))}};
  return Value::FromMap(std::move(values));
}

// The text of the template, or the message of the error.
inline std::string Run(absl::string_view text, const Limits& limits = {},
                       MissingKey missing = MissingKey::kZero) {
  static const FunctionTable& functions = *new FunctionTable(TestFunctions());
  TemplateSet set("root", functions, missing);
  const absl::Status parsed = set.Parse("t", text);
  if (!parsed.ok()) return std::string(parsed.message());
  Session session(limits);
  std::string out;
  const absl::Status status = set.Execute("t", Data(), session, out);
  return status.ok() ? out : std::string(status.message());
}

}  // namespace sluice::gotmpl
