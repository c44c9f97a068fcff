// SPDX-License-Identifier: Apache-2.0
#include "common/helm/go_decoder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/gotmpl/number_format.h"

namespace sluice::helm {
namespace {

constexpr absl::string_view kPrefix =
    "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ";

absl::string_view JsonKind(const Value& value) {
  if (value.is_string()) return "string";
  if (value.is_bool()) return "bool";
  if (value.is_array()) return "array";
  if (value.is_object()) return "object";
  return "number";
}

}  // namespace

std::string ScalarText(const Value& value) {
  if (value.is_string()) return std::string(value.str());
  if (value.is_bool()) return value.bool_or(false) ? "true" : "false";
  if (value.kind() == Value::Kind::kInt) return absl::StrCat(value.int_or(0));
  if (value.kind() == Value::Kind::kUint) return absl::StrCat(value.uint_or(0));
  return gotmpl::FormatFloat(value.double_or(0), 'g', -1, 64);
}

absl::Status CheckIsTable(const Value& document) {
  if (document.is_object() || document.is_null()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(kPrefix, JsonKind(document), " into Go value of type map[string]interface {}"));
}

void GoDecoder::Struct(const Value& document, absl::string_view type, absl::string_view full_name,
                       Reader read) {
  if (document.is_null()) return;
  if (!document.is_object()) {
    Refuse(document, full_name);
    return;
  }
  const std::string outer = std::exchange(struct_, std::string(type));
  for (const value::Member& member : document.members()) {
    const std::string key = absl::AsciiStrToLower(member.key);
    path_.push_back(key);
    if (!member.value.is_null()) read(key, member.value);
    path_.pop_back();
  }
  struct_ = outer;
}

void GoDecoder::Text(const Value& value, std::string& target) {
  if (value.is_array() || value.is_object()) {
    Refuse(value, "string");
  } else {
    target = ScalarText(value);
  }
}

void GoDecoder::Bool(const Value& value, bool& target) {
  if (value.is_bool()) {
    target = value.bool_or(false);
  } else {
    Refuse(value, "bool");
  }
}

bool GoDecoder::List(const Value& value, absl::string_view type) {
  if (value.is_array()) return true;
  Refuse(value, type);
  return false;
}

void GoDecoder::Texts(const Value& value, std::vector<std::string>& target) {
  if (!List(value, "[]string")) return;
  target.clear();
  for (const Value& item : value.items()) {
    std::string& text = target.emplace_back();
    if (!item.is_null()) Text(item, text);
  }
}

void GoDecoder::TextMap(const Value& value, std::map<std::string, std::string>& target) {
  if (!value.is_object()) {
    Refuse(value, "map[string]string");
    return;
  }
  for (const value::Member& member : value.members()) {
    std::string& text = target[member.key];
    if (!member.value.is_null()) Text(member.value, text);
  }
}

void GoDecoder::Refuse(const Value& value, absl::string_view type) {
  if (!status_.ok()) return;
  std::string message = absl::StrCat(kPrefix, JsonKind(value), " into Go ");
  if (path_.empty()) {
    absl::StrAppend(&message, "value of type ", type);
  } else {
    absl::StrAppend(&message, "struct field ", struct_, ".", absl::StrJoin(path_, "."), " of type ",
                    type);
  }
  status_ = absl::InvalidArgumentError(message);
}

}  // namespace sluice::helm
