// The corpus "yaml": what Go's YAML packages make of a document.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "common/value/key_order.h"
#include "common/value/yaml.h"
#include "common/value/yaml_decode.h"
#include "common/value/yaml_node.h"
#include "common/value/yaml_resources.h"
#include "common/value/yaml_scalar.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/kinds.h"

namespace sluice::conformance {
namespace {

using value::DecodedYaml;
using value::YamlNode;

// A case under way.
class Case {
 public:
  explicit Case(const Value& recorded) : recorded_(recorded) {}

  // `actual` against the recorded text or, where an error is recorded, any error.
  void CompareText(absl::string_view field, absl::string_view error_field,
                   const absl::StatusOr<std::string>& actual) {
    const std::string shown =
        actual.ok() ? *actual : absl::StrCat("error: ", actual.status().message());
    if (const Value* error = recorded_.Find(error_field); error != nullptr) {
      if (actual.ok()) Miss(error_field, error->str(), shown);
    } else if (const Value* text = recorded_.Find(field); text != nullptr) {
      if (!actual.ok() || *actual != text->str()) Miss(field, text->str(), shown);
    }
  }

  // The same for JSON, by value.
  void CompareJson(absl::string_view field, absl::string_view error_field,
                   const absl::StatusOr<Value>& actual) {
    const absl::StatusOr<std::string> printed =
        actual.ok() ? absl::StatusOr<std::string>(value::FormatJson(*actual)) : actual.status();
    const Value* const text = recorded_.Find(field);
    if (text == nullptr || recorded_.Has(error_field) || !printed.ok()) {
      CompareText(field, error_field, printed);
      return;
    }
    const auto expected = value::ParseJson(text->str());
    const auto reread = value::ParseJson(*printed);
    if (!expected.ok() || !reread.ok() || *expected != *reread) Miss(field, text->str(), *printed);
  }

  std::vector<Mismatch> Take() { return std::move(mismatches_); }

 private:
  void Miss(absl::string_view field, absl::string_view expected, std::string actual) {
    mismatches_.push_back({std::string(field), std::string(expected), std::move(actual)});
  }

  const Value& recorded_;
  std::vector<Mismatch> mismatches_;
};

absl::StatusOr<std::unique_ptr<YamlNode>> KyamlNode(absl::string_view yaml) {
  ASSIGN_OR_RETURN(auto node, value::ParseYamlNode(yaml));
  if (node == nullptr) return absl::InvalidArgumentError("EOF");
  return node;
}

absl::StatusOr<Value> KyamlJson(absl::string_view yaml) {
  ASSIGN_OR_RETURN(const auto node, KyamlNode(yaml));
  return value::KyamlNodeToValue(*node);
}

absl::StatusOr<std::string> KyamlOut(absl::string_view yaml) {
  ASSIGN_OR_RETURN(const auto node, KyamlNode(yaml));
  return value::FormatYamlNode(*node);
}

absl::StatusOr<std::string> KioOut(absl::string_view yaml) {
  ASSIGN_OR_RETURN(auto resources, value::ReadYamlResources(yaml));
  return value::WriteYamlResources(std::move(resources));
}

// What toYamlPretty prints.
std::string Pretty(const YamlNode& node) {
  return value::FormatYamlNode(node, {.indent = 2, .compact_sequences = false});
}

// go-yaml's order of keys that are not all strings: numbers and booleans by value, then by type.
std::pair<int, double> KeyRank(const DecodedYaml& key) {
  if (key.kind == DecodedYaml::Kind::kTime) return {25, 0};
  switch (key.scalar.kind()) {
    case Value::Kind::kBool:
      return {1, key.scalar.bool_or(false) ? 1 : 0};
    case Value::Kind::kInt:
      return {2, key.scalar.double_or(0)};
    case Value::Kind::kUint:
      return {11, key.scalar.double_or(0)};
    case Value::Kind::kDouble:
      return {14, key.scalar.double_or(0)};
    case Value::Kind::kNull:
      return {20, 0};
    default:
      return {24, 0};
  }
}

bool DecodedKeyLess(const DecodedYaml& a, const DecodedYaml& b) {
  const auto [a_kind, a_number] = KeyRank(a);
  const auto [b_kind, b_number] = KeyRank(b);
  constexpr int kLastNumber = 14;
  if (a_kind <= kLastNumber && b_kind <= kLastNumber) {
    return a_number != b_number ? a_number < b_number : a_kind < b_kind;
  }
  if (a_kind != b_kind) return a_kind < b_kind;
  return value::KeyLess(a.scalar.str(), b.scalar.str(), value::YamlDialect::kV3);
}

// As go-yaml v3 encodes what it decoded.
std::unique_ptr<YamlNode> Encode(const DecodedYaml& decoded) {
  auto node = std::make_unique<YamlNode>();
  switch (decoded.kind) {
    case DecodedYaml::Kind::kScalar:
      return value::YamlNodeFromValue(decoded.scalar);
    case DecodedYaml::Kind::kTime:
      node->tag = "!!timestamp";
      node->value = std::string(decoded.scalar.str());
      return node;
    case DecodedYaml::Kind::kSequence:
      node->kind = YamlNode::Kind::kSequence;
      for (const DecodedYaml& item : decoded.items) node->content.push_back(Encode(item));
      return node;
    case DecodedYaml::Kind::kMapping:
      break;
  }
  node->kind = YamlNode::Kind::kMapping;
  std::vector<const value::DecodedMember*> members;
  for (const auto& member : decoded.members) members.push_back(&member);
  std::stable_sort(members.begin(), members.end(),
                   [](const auto* a, const auto* b) { return DecodedKeyLess(a->key, b->key); });
  for (const auto* member : members) {
    node->content.push_back(Encode(member->key));
    // A NaN is never found again in a Go map.
    const bool nan = std::isnan(member->key.scalar.double_or(0));
    node->content.push_back(nan ? value::YamlNodeFromValue(Value()) : Encode(member->value));
  }
  return node;
}

absl::StatusOr<std::string> V3Out(absl::string_view yaml) {
  ASSIGN_OR_RETURN(const auto node, value::ParseYamlNode(yaml));
  if (node == nullptr) return "null\n";
  ASSIGN_OR_RETURN(const DecodedYaml decoded,
                   value::DecodeYamlNode(*node, value::DecodeTarget::kAny));
  return Pretty(*Encode(decoded));
}

void RunYamlCase(const Value& recorded, Case& result) {
  const absl::string_view yaml = recorded["yaml"].str();
  const absl::StatusOr<Value> json = value::ParseYaml(yaml);
  result.CompareJson("json", "error", json);
  if (json.ok()) {
    result.CompareText("yamlOut", "yamlOutError", value::MarshalYaml(*json));
    // Recorded only where it differs.
    const auto strict = value::ParseYaml(yaml, {.strict = true});
    const bool differs = recorded.Has("strictJson") || recorded.Has("strictError");
    result.CompareJson(differs ? "strictJson" : "json", "strictError", strict);
  }
  const absl::StatusOr<Value> kyaml = KyamlJson(yaml);
  result.CompareJson("kyamlJson", "kyamlError", kyaml);
  // The same by way of whole files, where those are one resource.
  const auto documents = value::ParseKyaml(yaml);
  if (kyaml.ok() && documents.ok() && documents->size() == 1 && !absl::StrContains(yaml, "---") &&
      !absl::StrContains(yaml, "<<")) {
    result.CompareJson("kyamlJson", "kyamlError", documents->front().value);
  }
  result.CompareText("kyamlOut", "kyamlOutError", KyamlOut(yaml));
  result.CompareText("v3Out", "v3Error", V3Out(yaml));
  if (recorded.Has("kioOut") || recorded.Has("kioError")) {
    result.CompareText("kioOut", "kioError", KioOut(yaml));
  }
}

// encoding/json into any: every number is a float64.
Value AsFloats(const Value& json) {
  if (json.is_number()) return json.double_or(0);
  if (json.is_array()) {
    Value list = Value::EmptyArray();
    for (const Value& item : json.items()) list.Append(AsFloats(item));
    return list;
  }
  if (json.is_object()) {
    Value::Object members;
    for (const value::Member& member : json.members()) {
      members.push_back({member.key, AsFloats(member.value)});
    }
    return Value::FromMembers(std::move(members));
  }
  return json;
}

// RNode.UnmarshalJSON, into a map, which it prints and reads again; then String.
absl::StatusOr<std::string> KyamlOfJson(const absl::StatusOr<Value>& json, const Value& floats) {
  RETURN_IF_ERROR(json.status());
  if (!json->is_object() && !json->is_null()) {
    return absl::InvalidArgumentError("json: not a map[string]interface {}");
  }
  const Value map = json->is_null() ? Value::EmptyObject() : floats;
  return KyamlOut(value::FormatYamlNode(*value::YamlNodeFromValue(map)));
}

void RunJsonCase(const Value& recorded, Case& result) {
  const absl::string_view text = recorded["json"].str();
  result.CompareText("yaml", "error", value::JsonToYaml(text));

  const absl::StatusOr<Value> json = value::ParseJson(text);
  const Value floats = json.ok() ? AsFloats(*json) : Value();
  if (recorded.Has("marshal") || recorded.Has("marshalError")) {
    result.CompareText("marshal", "marshalError",
                       json.ok() ? value::MarshalYaml(floats) : json.status());
  }
  const auto node = value::YamlNodeFromValue(floats);
  result.CompareText("pretty", "prettyError",
                     json.ok() ? absl::StatusOr<std::string>(Pretty(*node)) : json.status());
  result.CompareText("kyaml", "kyamlError", KyamlOfJson(json, floats));
}

}  // namespace

absl::Status RunYaml(const std::filesystem::path& path, Report& report) {
  ASSIGN_OR_RETURN(const Value cases, LoadCases(path));
  for (const Value& recorded : cases.items()) {
    Case result(recorded);
    if (recorded["kind"].str() == "yaml") {
      RunYamlCase(recorded, result);
    } else {
      RunJsonCase(recorded, result);
    }
    report.Add(recorded["id"].str(), result.Take());
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
