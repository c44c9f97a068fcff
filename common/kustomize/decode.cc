// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/decode.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/kustomize/error_position.h"
#include "common/value/json.h"
#include "common/value/yaml_scalar.h"

namespace sluice::kustomize {
namespace {

absl::string_view JsonKind(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "null";
    case Value::Kind::kBool:
      return "bool";
    case Value::Kind::kInt:
    case Value::Kind::kUint:
    case Value::Kind::kDouble:
      return "number";
    case Value::Kind::kString:
      return "string";
    case Value::Kind::kArray:
      return "array";
    case Value::Kind::kObject:
      return "object";
  }
  return "value";
}

absl::string_view Advice(const Value& value, absl::string_view wanted) {
  if (wanted == "string" && (value.is_number() || value.is_bool())) return " (write it in quotes)";
  if ((wanted == "bool" || wanted == "int64") && value.is_string()) {
    return " (write it without quotes)";
  }
  if (wanted == "[]string" && value.is_string()) return " (write a list)";
  return "";
}

absl::Status Mismatch(const Value& value, absl::string_view field, absl::string_view wanted) {
  const size_t dot = field.rfind('.');
  return WithField(absl::InvalidArgumentError(absl::StrCat(
                       "json: cannot unmarshal ", JsonKind(value), " into Go struct field ", field,
                       " of type ", wanted, Advice(value, wanted))),
                   dot == absl::string_view::npos ? field : field.substr(dot + 1), value.kind());
}

}  // namespace

Decoder::Decoder(const Value& object, absl::string_view where, Decoding decoding)
    : object_(object), where_(where), decoding_(decoding), taken_(object.size(), false) {
  if (!object.is_object() && !object.is_null()) {
    status_ = absl::InvalidArgumentError(
        absl::StrCat("json: cannot unmarshal ", JsonKind(object), " into ", where));
  }
}

const Value* Decoder::Take(absl::string_view name) {
  known_.push_back(name);
  const Value* found = nullptr;
  const auto members = object_.members();
  for (size_t i = 0; i < members.size(); ++i) {
    if (!absl::EqualsIgnoreCase(members[i].key, name)) continue;
    taken_[i] = true;
    // Of several spellings the last one counts, as in a struct that is filled member by member.
    if (!members[i].value.is_null()) found = &members[i].value;
  }
  return status_.ok() ? found : nullptr;
}

void Decoder::Fail(absl::string_view name, const Value& value, absl::string_view wanted) {
  status_ = Mismatch(value, absl::StrCat(where_, ".", name), wanted);
}

std::optional<std::string> Decoder::TextOf(const Value& value) const {
  if (value.is_string() || value.is_null()) return std::string(value.str());
  if (decoding_ == Decoding::kKustomization) return std::nullopt;
  if (value.is_bool()) return value.bool_or(false) ? "true" : "false";
  if (value.is_integer()) return value::FormatJson(value);
  if (value.is_number()) return value::FormatYamlFloat(value.double_or(0));
  return std::nullopt;
}

void Decoder::String(absl::string_view name, std::string& target) {
  const Value* value = Take(name);
  if (value == nullptr) return;
  std::optional<std::string> text = TextOf(*value);
  if (!text.has_value()) return Fail(name, *value, "string");
  target = *std::move(text);
}

void Decoder::Bool(absl::string_view name, bool& target) {
  const Value* value = Take(name);
  if (value == nullptr) return;
  if (!value->is_bool()) return Fail(name, *value, "bool");
  target = value->bool_or(false);
}

void Decoder::Int(absl::string_view name, int64_t& target) {
  const Value* value = Take(name);
  if (value == nullptr) return;
  if (value->kind() != Value::Kind::kInt) return Fail(name, *value, "int64");
  target = value->int_or(0);
}

void Decoder::Strings(absl::string_view name, std::vector<std::string>& target) {
  const Value* value = Take(name);
  if (value == nullptr) return;
  if (!value->is_array()) return Fail(name, *value, "[]string");
  for (const Value& item : value->items()) {
    std::optional<std::string> text = TextOf(item);
    if (!text.has_value()) return Fail(name, item, "string");
    target.push_back(*std::move(text));
  }
}

void Decoder::StringMap(absl::string_view name, std::map<std::string, std::string>& target) {
  const Value* value = Take(name);
  if (value == nullptr) return;
  if (!value->is_object()) return Fail(name, *value, "map[string]string");
  for (const value::Member& member : value->members()) {
    std::optional<std::string> text = TextOf(member.value);
    if (!text.has_value()) return Fail(name, member.value, "string");
    target[member.key] = *std::move(text);
  }
}

void Decoder::Any(absl::string_view name, absl::FunctionRef<absl::Status(const Value&)> read) {
  const Value* value = Take(name);
  if (value != nullptr) status_ = read(*value);
}

void Decoder::Ignore(absl::string_view name) { Take(name); }

bool Decoder::Has(absl::string_view name) {
  for (const value::Member& member : object_.members()) {
    if (absl::EqualsIgnoreCase(member.key, name) && !member.value.is_null()) return true;
  }
  return false;
}

absl::Status Decoder::Finish() {
  if (!status_.ok() || decoding_ == Decoding::kPlugin) return status_;
  const auto members = object_.members();
  for (size_t i = 0; i < members.size(); ++i) {
    if (!taken_[i]) {
      const absl::string_view nearest = Nearest(members[i].key, known_);
      return WithField(
          absl::InvalidArgumentError(absl::StrCat(
              "json: unknown field \"", members[i].key, "\"",
              nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?"))),
          members[i].key, Value::Kind::kNull);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::span<const Value>> DecodeList(const Value& list, absl::string_view where) {
  if (list.is_null()) return std::span<const Value>();
  if (!list.is_array()) return Mismatch(list, where, "list");
  return list.items();
}

}  // namespace sluice::kustomize
