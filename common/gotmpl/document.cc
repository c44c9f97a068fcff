// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/document.h"

#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/number_format.h"

namespace sluice::gotmpl {
namespace {

// What encoding/json leaves out under omitempty.
bool IsEmpty(const Value& value) { return value.kind() != Kind::kStruct && !value.IsTrue(); }

enum class Form : uint8_t { kJson, kYaml };

// One conversion. Every element costs a step, and all texts together may have as many bytes as
// functions may still return: the same text may stand in a value many times.
class Converter {
 public:
  Converter(Form form, Session& session)
      : form_(form), session_(session), bytes_left_(session.function_bytes_left()) {}

  absl::StatusOr<value::Value> Convert(const Value& value, size_t depth);

 private:
  absl::StatusOr<value::Value> Struct(const Value& value, size_t depth);
  absl::StatusOr<value::Value> Map(const Value& value, size_t depth);
  absl::StatusOr<value::Value> List(const Value& value, size_t depth);
  absl::StatusOr<value::Value> Float(double number) const;
  absl::StatusOr<value::Value> Text(absl::string_view text);
  std::string NameOf(const Field& field) const;

  const Form form_;
  Session& session_;
  uint64_t bytes_left_;
};

std::string Converter::NameOf(const Field& field) const {
  if (form_ == Form::kYaml) return absl::AsciiStrToLower(field.name);
  return std::string(field.json.empty() ? field.name : field.json);
}

absl::StatusOr<value::Value> Converter::Struct(const Value& value, size_t depth) {
  value::Value::Object members;
  const std::span<const Field> fields = value.type()->fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    const Value content = value.field(i);
    if (form_ == Form::kJson && (field.json == "-" || (field.omit_empty && IsEmpty(content)))) {
      continue;
    }
    ASSIGN_OR_RETURN(value::Value converted, Convert(content, depth + 1));
    members.push_back({NameOf(field), std::move(converted)});
  }
  return value::Value::FromMembers(std::move(members));
}

absl::StatusOr<value::Value> Converter::Map(const Value& value, size_t depth) {
  value::Value::Object members;
  members.reserve(value.size());
  for (const auto& [key, member] : *value.map()) {
    ASSIGN_OR_RETURN(value::Value converted, Convert(member, depth + 1));
    members.push_back({key, std::move(converted)});
  }
  return value::Value::FromMembers(std::move(members));
}

absl::StatusOr<value::Value> Converter::List(const Value& value, size_t depth) {
  const bool bytes = value.type()->elem == &types::kUint8;
  if (bytes && form_ == Form::kJson) return Text(absl::Base64Escape(value.text()));
  value::Value::Array items;
  items.reserve(value.size());
  for (size_t i = 0; i < value.size(); ++i) {
    ASSIGN_OR_RETURN(value::Value converted,
                     Convert(bytes ? value.at(i) : value.items()[i], depth + 1));
    items.push_back(std::move(converted));
  }
  return value::Value(std::move(items));
}

absl::StatusOr<value::Value> Converter::Float(double number) const {
  if (form_ == Form::kYaml || std::isfinite(number)) return value::Value(number);
  return absl::InvalidArgumentError(
      absl::StrCat("json: unsupported value: ", FormatFloat(number, 'g', -1, 64)));
}

absl::StatusOr<value::Value> Converter::Text(absl::string_view text) {
  if (text.size() > bytes_left_) {
    return session_.CheckFunction(session_.function_bytes_left() + 1);
  }
  bytes_left_ -= text.size();
  return value::Value(text);
}

absl::StatusOr<value::Value> Converter::Convert(const Value& value, size_t depth) {
  RETURN_IF_ERROR(session_.ChargeStep());
  if (depth > session_.limits().value_depth) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the value nests deeper than ", session_.limits().value_depth));
  }
  if (value.is_nil()) return value::Value();
  const Type& type = *value.type();
  if (type.marshal_text != nullptr) return Text(type.marshal_text(value));
  switch (type.kind) {
    case Kind::kBool:
      return value::Value(value.boolean());
    case Kind::kString:
      return Text(value.text());
    case Kind::kFloat32:
    case Kind::kFloat64:
      return Float(value.number());
    case Kind::kMap:
      return Map(value, depth);
    case Kind::kSlice:
      return List(value, depth);
    case Kind::kStruct:
      return Struct(value, depth);
    case Kind::kPointer:
      return Convert(value.Pointee(), depth + 1);
    default:
      break;
  }
  if (type.is_signed()) return value::Value(value.signed_integer());
  if (type.is_unsigned()) return value::Value(value.unsigned_integer());
  return absl::InvalidArgumentError(absl::StrCat("json: unsupported type: ", type.name));
}

}  // namespace

absl::StatusOr<value::Value> ToDocument(const Value& value, Session& session) {
  return Converter(Form::kJson, session).Convert(value, 0);
}

absl::StatusOr<value::Value> ToYamlDocument(const Value& value, Session& session) {
  return Converter(Form::kYaml, session).Convert(value, 0);
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
