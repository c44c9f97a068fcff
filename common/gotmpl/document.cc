// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/document.h"

#include <cmath>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/number_format.h"

namespace sluice::gotmpl {
namespace {

// What encoding/json leaves out under omitempty.
bool IsEmpty(const Value& value) { return value.kind() != Kind::kStruct && !value.IsTrue(); }

absl::StatusOr<value::Value> Convert(const Value& value, size_t depth, Session& session);

absl::StatusOr<value::Value> ConvertStruct(const Value& value, size_t depth, Session& session) {
  value::Value::Object members;
  const std::span<const Field> fields = value.type()->fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    const Value content = value.field(i);
    if (field.json == "-" || (field.omit_empty && IsEmpty(content))) continue;
    ASSIGN_OR_RETURN(value::Value converted, Convert(content, depth + 1, session));
    members.push_back(
        {std::string(field.json.empty() ? field.name : field.json), std::move(converted)});
  }
  return value::Value::FromMembers(std::move(members));
}

absl::StatusOr<value::Value> ConvertMap(const Value& value, size_t depth, Session& session) {
  value::Value::Object members;
  members.reserve(value.size());
  for (const auto& [key, member] : *value.map()) {
    ASSIGN_OR_RETURN(value::Value converted, Convert(member, depth + 1, session));
    members.push_back({key, std::move(converted)});
  }
  return value::Value::FromMembers(std::move(members));
}

absl::StatusOr<value::Value> ConvertList(const Value& value, size_t depth, Session& session) {
  if (value.type()->elem == &types::kUint8) {
    return value::Value(absl::Base64Escape(value.text()));
  }
  value::Value::Array items;
  items.reserve(value.size());
  for (const Value& item : value.items()) {
    ASSIGN_OR_RETURN(value::Value converted, Convert(item, depth + 1, session));
    items.push_back(std::move(converted));
  }
  return value::Value(std::move(items));
}

absl::StatusOr<value::Value> Convert(const Value& value, size_t depth, Session& session) {
  RETURN_IF_ERROR(session.ChargeStep());
  if (depth > session.limits().value_depth) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the value nests deeper than ", session.limits().value_depth));
  }
  if (value.is_nil()) return value::Value();
  const Type& type = *value.type();
  if (type.text != nullptr && (type.kind == Kind::kStruct || type.kind == Kind::kPointer)) {
    return value::Value(type.text(value));
  }
  switch (type.kind) {
    case Kind::kBool:
      return value::Value(value.boolean());
    case Kind::kString:
      return value::Value(value.text());
    case Kind::kFloat32:
    case Kind::kFloat64:
      if (!std::isfinite(value.number())) {
        return absl::InvalidArgumentError(
            absl::StrCat("json: unsupported value: ", FormatFloat(value.number(), 'g', -1, 64)));
      }
      return value::Value(value.number());
    case Kind::kMap:
      return ConvertMap(value, depth, session);
    case Kind::kSlice:
      return ConvertList(value, depth, session);
    case Kind::kStruct:
      return ConvertStruct(value, depth, session);
    case Kind::kPointer:
      return Convert(value.Pointee(), depth + 1, session);
    default:
      break;
  }
  if (type.is_signed()) return value::Value(value.signed_integer());
  if (type.is_unsigned()) return value::Value(value.unsigned_integer());
  return absl::InvalidArgumentError(absl::StrCat("json: unsupported type: ", type.name));
}

}  // namespace

absl::StatusOr<value::Value> ToDocument(const Value& value, Session& session) {
  return Convert(value, 0, session);
}

Value FromDocument(const value::Value& document, Numbers numbers) {
  using DocumentKind = value::Value::Kind;
  switch (document.kind()) {
    case DocumentKind::kNull:
      return Value();
    case DocumentKind::kBool:
      return Value::Bool(document.bool_or(false));
    case DocumentKind::kInt:
      if (numbers == Numbers::kIntegers) return Value::Int64(document.int_or(0));
      return Value::Float(document.double_or(0));
    case DocumentKind::kUint:
    case DocumentKind::kDouble:
      return Value::Float(document.double_or(0));
    case DocumentKind::kString:
      return Value::String(document.str());
    case DocumentKind::kArray: {
      List items;
      items.reserve(document.size());
      for (const value::Value& item : document.items()) {
        items.push_back(FromDocument(item, numbers));
      }
      return Value::FromList(std::move(items));
    }
    case DocumentKind::kObject: {
      Map members;
      for (const value::Member& member : document.members()) {
        members.emplace_hint(members.end(), member.key, FromDocument(member.value, numbers));
      }
      return Value::FromMap(std::move(members));
    }
  }
  return Value();
}

}  // namespace sluice::gotmpl
