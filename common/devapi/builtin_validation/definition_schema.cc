// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/definition_schema.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/cel/rule.h"
#include "common/devapi/builtin_validation/structural_schema.h"
#include "common/devapi/schema/prune.h"
#include "common/devapi/schema/rules.h"
#include "common/devapi/schema/validate.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr char kListType[] = "x-kubernetes-list-type";
constexpr char kListKeys[] = "x-kubernetes-list-map-keys";
// What ends the message of an error after which a schema cannot be read as a structural one.
constexpr absl::string_view kUnreadable = " is not supported";
constexpr char kMapType[] = "x-kubernetes-map-type";

void CheckKeywords(const Field& schema, FieldErrors& errors) {
  const Field type = schema["type"];
  if (!type.str().empty()) {
    MustBeOneOf(type, {"array", "boolean", "integer", "number", "object", "string"}, errors);
  }
  for (const char* keyword :
       {"id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"}) {
    const Field field = schema[keyword];
    const bool blank = field.value.is_string() ? field.str().empty() : field.value.empty();
    if (!blank) {
      errors.push_back(ForbiddenField(field.path, absl::StrCat(keyword, kUnreadable)));
    }
  }
  if (schema.value["items"].is_array()) {
    const Field items = schema["items"];
    errors.push_back(ForbiddenField(items.path, "items must be a schema object and not an array"));
    return;
  }
  const Field unique = schema["uniqueItems"];
  if (unique.value.bool_or(false)) {
    errors.push_back(ForbiddenField(unique.path,
                                    "uniqueItems cannot be set to true since the runtime "
                                    "complexity becomes quadratic"));
  }
  const Field additional = schema["additionalProperties"];
  const bool open = additional.value.is_object() || additional.value == Value(false);
  if (!schema.value["properties"].empty() && open) {
    errors.push_back(ForbiddenField(additional.path,
                                    "additionalProperties and properties are mutual exclusive"));
  }
  const Field preserve = schema["x-kubernetes-preserve-unknown-fields"];
  if (preserve.value == Value(false)) Add(preserve, {"must be true or undefined"}, errors);
}

// `keyword` only makes sense on values of the type `wanted`.
void CheckTypeFor(const Field& schema, const char* keyword, absl::string_view wanted,
                  const std::vector<std::string>& supported, FieldErrors& errors) {
  const Field field = schema[keyword];
  if (field.absent()) return;
  const Field type = schema["type"];
  if (type.str() != wanted) {
    const std::string detail = absl::StrCat("must be ", wanted, " if ", keyword, " is specified");
    errors.push_back(type.str().empty() ? Required(type.path, detail)
                                        : InvalidValue(type.path, type.value, detail));
  }
  if (type.str() == wanted || wanted == "object") MustBeOneOf(field, supported, errors);
}

void CheckMapList(const Field& schema, FieldErrors& errors) {
  const Field keys = schema[kListKeys];
  const Field items = schema["items"];
  if (keys.value.empty()) {
    errors.push_back(Required(keys.path, "must not be empty if x-kubernetes-list-type is map"));
  }
  if (items.absent()) {
    errors.push_back(Required(items.path, "must have a schema if x-kubernetes-list-type is map"));
    return;
  }
  const Field type = items["type"];
  if (type.str() != "object") {
    errors.push_back(InvalidValue(
        type.path, type.str(), "must be object if parent array's x-kubernetes-list-type is map"));
  }
  std::set<std::string> known;
  const Field properties = items["properties"];
  for (const Value& key : keys.value.items()) {
    const Value& property = properties.value[key.str()];
    if (property.is_null()) {
      Add(keys, {"entries must all be names of item properties"}, errors);
    } else if (property["type"].str() == "array" || property["type"].str() == "object") {
      const FieldPath field = properties.path.Key(key.str());
      const FieldPath path = field.Child("type");
      errors.push_back(
          InvalidValue(path, type.value,
                       "must be a scalar type if parent array's x-kubernetes-list-type is map"));
    }
    if (!known.emplace(key.str()).second) {
      Add(keys, {"must not contain duplicate entries"}, errors);
    }
  }
}

bool IsRequired(const Value& schema, const Value& name) {
  const auto required = schema["required"].items();
  return std::find(required.begin(), required.end(), name) != required.end();
}

// Items of sets and maps have to be comparable.
void CheckItemsOf(const Field& schema, FieldErrors& errors) {
  const absl::string_view list_type = schema.value[kListType].str();
  const Field items = schema["items"];
  if ((list_type != "set" && list_type != "map") || items.absent()) return;
  const Field nullable = items["nullable"];
  if (nullable.value.bool_or(false)) {
    errors.push_back(ForbiddenField(
        nullable.path,
        absl::StrCat("cannot be nullable when x-kubernetes-list-type is ", list_type)));
  }
  if (list_type == "set") {
    constexpr absl::string_view kAtomic =
        "must be atomic as item of a list with x-kubernetes-list-type=set";
    for (const auto& [type, keyword] :
         {std::pair<const char*, const char*>{"object", kMapType}, {"array", kListType}}) {
      const Field field = items[keyword];
      if (items.value["type"].str() == type && field.str() != "atomic") {
        errors.push_back(InvalidValue(field.path, field.value, kAtomic));
      }
    }
    return;
  }
  const Field properties = items["properties"];
  for (const Value& key : schema.value[kListKeys].items()) {
    const Value& property = properties.value[key.str()];
    if (property.is_null()) continue;
    const FieldPath path = properties.path.Key(key.str());
    if (!IsRequired(items.value, key) && property["default"].is_null()) {
      const FieldPath field = path.Child("default");
      errors.push_back(Required(field,
                                "this property is in x-kubernetes-list-map-keys, so it must have a "
                                "default or be a required property"));
    }
    if (property["nullable"].bool_or(false)) {
      const FieldPath field = path.Child("nullable");
      errors.push_back(ForbiddenField(
          field, "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"));
    }
  }
}

void CheckLists(const Field& schema, FieldErrors& errors) {
  CheckTypeFor(schema, kMapType, "object", {"atomic", "granular"}, errors);
  CheckTypeFor(schema, kListType, "array", {"atomic", "set", "map"}, errors);
  const Field list_type = schema[kListType];
  if (!schema.value[kListKeys].empty()) {
    constexpr absl::string_view kMap = "must be map if x-kubernetes-list-map-keys is non-empty";
    if (list_type.absent()) {
      errors.push_back(Required(list_type.path, kMap));
    } else if (list_type.str() != "map") {
      Add(list_type, {std::string(kMap)}, errors);
    }
  }
  if (list_type.str() == "map") CheckMapList(schema, errors);
  CheckItemsOf(schema, errors);
}

bool HasLineBreak(absl::string_view text) { return absl::StrContains(text, "\n"); }

// Whether `path` (".a.b", ".a['b']") leads from `schema` to a field that it declares.
bool IsValidPath(const Value& schema, absl::string_view path) {
  const Value* at = &schema;
  while (!path.empty()) {
    std::string name;
    if (absl::ConsumePrefix(&path, "['")) {
      const size_t end = path.find("']");
      if (end == absl::string_view::npos) return false;
      name = std::string(path.substr(0, end));
      path.remove_prefix(end + 2);
    } else if (absl::ConsumePrefix(&path, ".")) {
      name = std::string(path.substr(0, path.find_first_of(".[")));
      path.remove_prefix(name.size());
    } else {
      return false;
    }
    const Value& property = (*at)["properties"][name];
    at = property.is_null() ? &(*at)["additionalProperties"] : &property;
    if (!at->is_object()) return false;
  }
  return true;
}

// One entry of the x-kubernetes-validations of `schema`, as far as it is not CEL.
void CheckRule(const Value& schema, const Field& rule, FieldErrors& errors) {
  const Field text = rule["rule"];
  const Field message = rule["message"];
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text.str());
  const absl::string_view trimmed_message = absl::StripAsciiWhitespace(message.str());
  if (trimmed.empty()) {
    errors.push_back(Required(text.path, "rule is not specified"));
  } else if (!message.str().empty() && trimmed_message.empty()) {
    Add(message, {"must be non-empty if specified"}, errors);
  } else if (HasLineBreak(trimmed_message)) {
    Add(message, {"must not contain line breaks"}, errors);
  } else if (HasLineBreak(trimmed) && trimmed_message.empty()) {
    errors.push_back(
        Required(message.path, "message must be specified if rule contains line breaks"));
  }
  const Field expression = rule["messageExpression"];
  if (!expression.str().empty() && absl::StripAsciiWhitespace(expression.str()).empty()) {
    errors.push_back(Required(expression.path, "messageExpression must be non-empty if specified"));
  }
  const Field reason = rule["reason"];
  if (!reason.absent()) {
    MustBeOneOf(
        reason,
        {"FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"},
        errors);
  }
  const Field field_path = rule["fieldPath"];
  if (!field_path.str().empty() && absl::StripAsciiWhitespace(field_path.str()).empty()) {
    Add(field_path, {"fieldPath must be non-empty if specified"}, errors);
  }
  if (HasLineBreak(field_path.str())) {
    Add(field_path, {"fieldPath must not contain line breaks"}, errors);
  } else if (!field_path.str().empty() && !IsValidPath(schema, field_path.str())) {
    Add(field_path, {"must be a valid path"}, errors);
  }
}

void CheckOpenApi(const Field& schema, FieldErrors& errors) {
  CheckKeywords(schema, errors);
  for (const char* keyword : {"additionalProperties", "not"}) {
    const Field below = schema[keyword];
    if (below.value.is_object()) CheckOpenApi(below, errors);
  }
  for (const char* keyword : {"properties", "patternProperties", "definitions"}) {
    const Field members = schema[keyword];
    for (const value::Member& member : members.value.members()) {
      CheckOpenApi(members.Key(member), errors);
    }
  }
  for (const char* keyword : {"allOf", "oneOf", "anyOf", "items"}) {
    const Field list = schema[keyword];
    if (list.value.is_object()) CheckOpenApi(list, errors);
    for (size_t i = 0; i < list.value.items().size(); ++i) CheckOpenApi(list.At(i), errors);
  }
  CheckLists(schema, errors);
  const Field rules = schema["x-kubernetes-validations"];
  for (size_t i = 0; i < rules.value.size(); ++i) CheckRule(schema.value, rules.At(i), errors);
}

// A rule as the reference prints its internal form.
PrintedValue PrintRule(const Value& rule) {
  const auto text = [&](const char* name) { return value::FormatJson(rule[name].str()); };
  const auto pointer = [&](const char* name) { return value::FormatJson(rule[name]); };
  return {absl::StrCat("{\"Rule\":", text("rule"), ",\"Message\":", text("message"),
                       ",\"MessageExpression\":", text("messageExpression"),
                       ",\"Reason\":", pointer("reason"), ",\"FieldPath\":", text("fieldPath"),
                       ",\"OptionalOldSelf\":", pointer("optionalOldSelf"), "}")};
}

// The CEL of one rule: that it compiles, and compares with old values only where there are some.
void CompileRule(const Field& rule, const cel::SchemaPtr& schema, const std::string& uncorrelated,
                 FieldErrors& errors) {
  const cel::RuleText text = {
      std::string(rule.value["rule"].str()), std::string(rule.value["message"].str()),
      std::string(absl::StripAsciiWhitespace(rule.value["messageExpression"].str())),
      rule.value["optionalOldSelf"].bool_or(false)};
  const absl::StatusOr<std::shared_ptr<const cel::Rule>> compiled =
      cel::Rule::Compile(text, schema, cel::RuleAge::kNew);
  if (absl::IsNotFound(compiled.status())) return;  // blank, which CheckRule() has told
  const FieldPath path = rule.path.Child("rule");
  if (!compiled.ok()) {
    const bool message = absl::StartsWith(compiled.status().message(), "messageExpression");
    const FieldPath place = rule.path.Child(message ? "messageExpression" : "rule");
    errors.push_back(InvalidValue(place, PrintRule(rule.value), compiled.status().message()));
    return;
  }
  if ((*compiled)->uses_old_self() && !uncorrelated.empty()) {
    errors.push_back(
        InvalidValue(path, rule.value["rule"],
                     absl::StrCat("oldSelf cannot be used on the uncorrelatable portion of the "
                                  "schema within ",
                                  uncorrelated)));
  } else if (!(*compiled)->uses_old_self() && !rule.value["optionalOldSelf"].is_null()) {
    const Field flag = rule["optionalOldSelf"];
    errors.push_back(
        InvalidValue(flag.path, flag.value, "may not be set if oldSelf is not used in rule"));
  }
}

// The rules of `schema` and below. `uncorrelated` is the list or map above that has no keys to find
// an item's old value by; "" if there is none.
void CompileRules(const Field& schema, bool is_resource, const std::string& uncorrelated,
                  FieldErrors& errors) {
  const Field rules = schema["x-kubernetes-validations"];
  const cel::SchemaPtr seen =
      rules.value.empty() ? nullptr : cel::SchemaFromOpenApi(schema.value, is_resource);
  if (seen != nullptr && !seen->exposed) {
    errors.push_back({"InternalError", rules.path.ToString(),
                      "Internal error: internal error: failed to construct type information for "
                      "x-kubernetes-validations rules: unable to convert structural schema to CEL "
                      "declarations"});
  } else if (seen != nullptr) {
    for (size_t i = 0; i < rules.value.size(); ++i) {
      CompileRule(rules.At(i), seen, uncorrelated, errors);
    }
  }
  const Field items = schema["items"];
  if (items.value.is_object()) {
    const bool keyed = schema.value[kListType].str() == "map";
    CompileRules(items, false,
                 keyed || !uncorrelated.empty() ? uncorrelated : schema.path.ToString(), errors);
  }
  const Field additional = schema["additionalProperties"];
  if (additional.value.is_object()) CompileRules(additional, false, uncorrelated, errors);
  const Field properties = schema["properties"];
  for (const value::Member& member : properties.value.members()) {
    const std::string within = !uncorrelated.empty()                      ? uncorrelated
                               : schema.value[kMapType].str() == "atomic" ? schema.path.ToString()
                                                                          : "";
    CompileRules(properties.Key(member), false, within, errors);
  }
}

// Whether the defaults fit the schemas that they stand in.
void CheckDefaults(const Schema& schema, const FieldPath& path, FieldErrors& errors) {
  if (schema.has_default) {
    const FieldPath field = path.Child("default");
    Value pruned = schema.default_value;
    if (!PruneUnknown(schema, pruned).empty()) {
      errors.push_back(InvalidValue(field, schema.default_value, "must not have unknown fields"));
    } else {
      const std::string text = field.ToString();
      const FieldPath base = FieldPath::Base(text);
      const size_t before = errors.size();
      ValidateValue(schema, schema.default_value, nullptr, base, errors);
      if (errors.size() == before) {
        CheckRules(schema, schema.default_value, nullptr, base, errors);
      }
    }
  }
  if (schema.items != nullptr) {
    const FieldPath items = path.Child("items");
    CheckDefaults(*schema.items, items, errors);
  }
  if (schema.properties == nullptr) return;
  const FieldPath properties = path.Child("properties");
  for (const Property& property : schema.properties->all) {
    if (!property.schema->definition.empty()) continue;
    const FieldPath below = properties.Key(property.name);
    CheckDefaults(*property.schema, below, errors);
  }
}

}  // namespace

void ValidateDefinitionSchema(const Field& schema, bool, const Schema& object_meta,
                              FieldErrors& errors) {
  const size_t before = errors.size();
  const Field nullable = schema["nullable"];
  if (nullable.value.bool_or(false)) {
    errors.push_back(ForbiddenField(nullable.path, "nullable cannot be true at the root"));
  }
  CheckOpenApi(schema, errors);
  const bool readable = std::none_of(
      errors.begin() + static_cast<std::ptrdiff_t>(before), errors.end(),
      [](const FieldError& error) { return absl::EndsWith(error.message, kUnreadable); });
  if (readable) {
    FieldErrors faults = StructuralFaults(schema);
    errors.insert(errors.end(), faults.begin(), faults.end());
  }
  CompileRules(schema, /*is_resource=*/true, "", errors);
  if (errors.size() > before) return;
  const absl::StatusOr<std::shared_ptr<const CustomSchema>> compiled =
      CompileCustomSchema(schema.value, object_meta);
  if (!compiled.ok()) {
    errors.push_back(InvalidValue(schema.path, "", compiled.status().message()));
    return;
  }
  CheckDefaults(*(*compiled)->root, schema.path, errors);
}

}  // namespace sluice::devapi
