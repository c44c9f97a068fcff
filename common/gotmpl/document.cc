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

bool IsLeftOut(const Field& field, const Value& content) {
  return field.json == "-" || (field.omit_empty && IsEmpty(content));
}

absl::string_view NameOf(const Field& field) {
  return field.json.empty() ? field.name : field.json;
}

absl::Status TooDeep(const Session& session) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the value nests deeper than ", session.limits().value_depth));
}

absl::Status UnsupportedNumber(double number) {
  return absl::InvalidArgumentError(
      absl::StrCat("json: unsupported value: ", FormatFloat(number, 'g', -1, 64)));
}

absl::Status UnsupportedType(const Type& type) {
  return absl::InvalidArgumentError(absl::StrCat("json: unsupported type: ", type.name));
}

// One conversion. Every element costs a step, and all texts together may have as many bytes as
// functions may still return: the same text may stand in a value many times.
class Converter {
 public:
  explicit Converter(Session& session)
      : session_(session), bytes_left_(session.function_bytes_left()) {}

  absl::StatusOr<value::Value> Convert(const Value& value, size_t depth);

 private:
  absl::StatusOr<value::Value> Struct(const Value& value, size_t depth);
  absl::StatusOr<value::Value> Map(const Value& value, size_t depth);
  absl::StatusOr<value::Value> List(const Value& value, size_t depth);
  absl::StatusOr<value::Value> Text(absl::string_view text);

  Session& session_;
  uint64_t bytes_left_;
};

absl::StatusOr<value::Value> Converter::Struct(const Value& value, size_t depth) {
  value::Value::Object members;
  const std::span<const Field> fields = value.type()->fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    const Value content = value.field(i);
    if (IsLeftOut(field, content)) continue;
    ASSIGN_OR_RETURN(value::Value converted, Convert(content, depth + 1));
    members.push_back({std::string(NameOf(field)), std::move(converted)});
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
  if (value.type()->elem == &types::kUint8) return Text(absl::Base64Escape(value.text()));
  value::Value::Array items;
  items.reserve(value.size());
  for (const Value& item : value.items()) {
    ASSIGN_OR_RETURN(value::Value converted, Convert(item, depth + 1));
    items.push_back(std::move(converted));
  }
  return value::Value(std::move(items));
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
  if (depth > session_.limits().value_depth) return TooDeep(session_);
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
      if (!std::isfinite(value.number())) return UnsupportedNumber(value.number());
      return value::Value(value.number());
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
  return UnsupportedType(type);
}

// JSON written as it is found, so that the fields of a struct keep their order.
class JsonWriter {
 public:
  JsonWriter(const value::JsonStyle& style, Session& session) : style_(style), session_(session) {}

  absl::Status Write(const Value& value);
  std::string Take() { return std::move(out_); }

 private:
  absl::Status Struct(const Value& value);
  absl::Status Map(const Value& value);
  absl::Status List(const Value& value);
  void Text(absl::string_view text) { value::AppendJsonString(text, style_.escape_html, out_); }
  void Key(absl::string_view key) {
    Next();
    Text(key);
    out_ += style_.indent > 0 ? ": " : ":";
  }

  void Open(char bracket) {
    out_ += bracket;
    ++depth_;
    empty_ = true;
  }
  void Next() {
    if (!empty_) out_ += ',';
    empty_ = false;
    NewLine();
  }
  void Close(char bracket) {
    --depth_;
    if (!empty_) NewLine();
    out_ += bracket;
    empty_ = false;
  }
  void NewLine() {
    if (style_.indent == 0) return;
    out_ += '\n';
    out_.append(static_cast<size_t>(style_.indent) * depth_, ' ');
  }

  const value::JsonStyle& style_;
  Session& session_;
  std::string out_;
  size_t depth_ = 0;
  bool empty_ = true;  // the collection that is open
};

absl::Status JsonWriter::Struct(const Value& value) {
  Open('{');
  const std::span<const Field> fields = value.type()->fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    const Value content = value.field(i);
    if (IsLeftOut(fields[i], content)) continue;
    Key(NameOf(fields[i]));
    RETURN_IF_ERROR(Write(content));
  }
  Close('}');
  return absl::OkStatus();
}

absl::Status JsonWriter::Map(const Value& value) {
  Open('{');
  for (const auto& [key, member] : *value.map()) {
    Key(key);
    RETURN_IF_ERROR(Write(member));
  }
  Close('}');
  return absl::OkStatus();
}

absl::Status JsonWriter::List(const Value& value) {
  if (value.type()->elem == &types::kUint8) {
    Text(absl::Base64Escape(value.text()));
    return absl::OkStatus();
  }
  Open('[');
  for (const Value& item : value.items()) {
    Next();
    RETURN_IF_ERROR(Write(item));
  }
  Close(']');
  return absl::OkStatus();
}

absl::Status JsonWriter::Write(const Value& value) {
  RETURN_IF_ERROR(session_.ChargeStep());
  RETURN_IF_ERROR(session_.CheckFunction(out_.size()));
  if (depth_ > session_.limits().value_depth) return TooDeep(session_);
  if (value.is_nil()) {
    out_ += "null";
    return absl::OkStatus();
  }
  const Type& type = *value.type();
  if (type.marshal_text != nullptr) {
    Text(type.marshal_text(value));
    return absl::OkStatus();
  }
  switch (type.kind) {
    case Kind::kBool:
      out_ += value.boolean() ? "true" : "false";
      return absl::OkStatus();
    case Kind::kString:
      Text(value.text());
      return absl::OkStatus();
    case Kind::kFloat32:
    case Kind::kFloat64:
      if (!std::isfinite(value.number())) return UnsupportedNumber(value.number());
      out_ += value::FormatJsonDouble(value.number());
      return absl::OkStatus();
    case Kind::kMap:
      return Map(value);
    case Kind::kSlice:
      return List(value);
    case Kind::kStruct:
      return Struct(value);
    case Kind::kPointer:
      return Write(value.Pointee());
    default:
      break;
  }
  if (type.is_signed()) {
    absl::StrAppend(&out_, value.signed_integer());
  } else if (type.is_unsigned()) {
    absl::StrAppend(&out_, value.unsigned_integer());
  } else {
    return UnsupportedType(type);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<value::Value> ToDocument(const Value& value, Session& session) {
  return Converter(session).Convert(value, 0);
}

absl::StatusOr<std::string> ToJson(const Value& value, const value::JsonStyle& style,
                                   Session& session) {
  JsonWriter writer(style, session);
  RETURN_IF_ERROR(writer.Write(value));
  return writer.Take();
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
