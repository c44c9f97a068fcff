// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/structural_schema.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/devapi/schema/schema.h"

namespace sluice::devapi {
namespace {

constexpr char kPreserve[] = "x-kubernetes-preserve-unknown-fields";
constexpr char kEmbedded[] = "x-kubernetes-embedded-resource";
constexpr char kIntOrString[] = "x-kubernetes-int-or-string";

enum class Level { kRoot, kField, kItem };

class StructuralChecker {
 public:
  explicit StructuralChecker(FieldErrors& errors) : errors_(errors) {}

  void Check(const Field& schema, Level level) {
    const Value& json = schema.value;
    const Field type = schema["type"];
    const Field items = schema["items"];
    if (type.str() == "array" && items.absent()) {
      errors_.push_back(Required(items.path, "must be specified"));
    }
    if (items.value.is_object()) Check(items, Level::kItem);
    const Field properties = schema["properties"];
    for (const value::Member& member : properties.value.members()) {
      Check(properties.Key(member), Level::kField);
    }
    const Field additional = schema["additionalProperties"];
    if (additional.value.is_object()) Check(additional, Level::kField);
    CheckExtensions(schema);
    CheckRestrictions(schema);
    CheckType(schema, type, level);
    if (json[kEmbedded].bool_or(false) && !additional.absent()) {
      errors_.push_back(ForbiddenField(
          additional.path, "must not be used if x-kubernetes-embedded-resource is set"));
    }
    if (level == Level::kRoot || json[kEmbedded].bool_or(false)) CheckMetadata(properties, level);
    const bool empty = properties.value.empty() && !json[kPreserve].bool_or(false);
    if (json[kEmbedded].bool_or(false) && empty) {
      errors_.push_back(
          Required(properties.path,
                   "must not be empty if x-kubernetes-embedded-resource is true without "
                   "x-kubernetes-preserve-unknown-fields"));
    }
  }

 private:
  void CheckExtensions(const Field& schema) {
    if (!schema.value[kIntOrString].bool_or(false)) return;
    for (const char* name : {kPreserve, kEmbedded}) {
      const Field flag = schema[name];
      if (flag.value.bool_or(false)) {
        Add(flag, {"must be false if x-kubernetes-int-or-string is true"}, errors_);
      }
    }
  }

  void CheckType(const Field& schema, const Field& type, Level level) {
    const Value& json = schema.value;
    if (json[kEmbedded].bool_or(false) && type.str() != "object") {
      constexpr absl::string_view kObject =
          "must be object if x-kubernetes-embedded-resource is true";
      if (type.str().empty()) {
        errors_.push_back(Required(type.path, kObject));
      } else {
        Add(type, {std::string(kObject)}, errors_);
      }
      return;
    }
    if (!type.str().empty()) {
      if (level == Level::kRoot && type.str() != "object") {
        Add(type, {"must be object at the root"}, errors_);
      }
      return;
    }
    if (json[kIntOrString].bool_or(false) || json[kPreserve].bool_or(false)) return;
    errors_.push_back(Required(type.path, level == Level::kRoot ? "must not be empty at the root"
                                          : level == Level::kItem
                                              ? "must not be empty for specified array items"
                                              : "must not be empty for specified object fields"));
  }

  // What every object has may hardly be restricted.
  void CheckMetadata(const Field& properties, Level level) {
    for (const char* name : {"kind", "apiVersion"}) {
      if (properties.value[name].is_null()) continue;
      const FieldPath property = properties.path.Key(name);
      const FieldPath path = property.Child("type");
      const Value& type = properties.value[name]["type"];
      if (type.str() != "string") {
        errors_.push_back(InvalidValue(path, type.str(), "must be string"));
      }
    }
    const Value* const metadata = properties.value.Find("metadata");
    if (metadata == nullptr) return;
    const FieldPath path = properties.path.Key("metadata");
    if ((*metadata)["type"].str() != "object") {
      const FieldPath type = path.Child("type");
      errors_.push_back(InvalidValue(type, (*metadata)["type"].str(), "must be object"));
    }
    if (level != Level::kRoot) return;
    Value rest = *metadata;
    for (const char* allowed : {"type", "description"}) rest.Erase(allowed);
    if (Value* names = rest.FindMutable("properties"); names != nullptr) {
      for (const char* allowed : {"name", "generateName"}) names->Erase(allowed);
      if (names->empty()) rest.Erase("properties");
    }
    if (rest.Has("default")) {
      const FieldPath field = path.Child("default");
      errors_.push_back(ForbiddenField(field, "must not be set in top-level metadata"));
    } else if (!rest.empty()) {
      errors_.push_back(
          ForbiddenField(path,
                         "must not specify anything other than name and generateName, "
                         "but metadata is implicitly specified"));
    }
  }

  // allOf, anyOf, oneOf and not.
  void CheckRestrictions(const Field& schema) {
    // The usual way to write int-or-string names types after all.
    const bool int_or_string = schema.value[kIntOrString].bool_or(false);
    for (const char* keyword : {"anyOf", "allOf", "oneOf"}) {
      const Field list = schema[keyword];
      for (size_t i = 0; i < list.value.size(); ++i) {
        const bool names_types = int_or_string && (keyword == absl::string_view("anyOf") ||
                                                   list.value.at(i).Has("anyOf"));
        CheckNested(list.At(i), names_types);
      }
    }
    const Field negated = schema["not"];
    if (!negated.absent()) CheckNested(negated, false);
    CheckPattern(schema);
  }

  void CheckPattern(const Field& schema) {
    const Field pattern = schema["pattern"];
    if (pattern.str().empty()) return;
    const std::string fault = PatternFault(std::string(pattern.str()));
    if (fault.empty()) return;
    Add(pattern, {absl::StrCat("must be a valid regular expression, but isn't: ", fault)}, errors_);
  }

  void CheckNested(const Field& schema, bool names_types) {
    CheckRestrictions(schema);
    const Field items = schema["items"];
    if (!items.absent()) CheckNested(items, false);
    const Field properties = schema["properties"];
    for (const value::Member& member : properties.value.members()) {
      CheckNested(properties.Key(member), false);
    }
    struct Row {
      const char* keyword;
      absl::string_view detail;
    };
    static constexpr Row kRows[] = {
        {"additionalProperties", "must be undefined to be structural"},
        {"type", "must be empty to be structural"},
        {"title", "must be empty to be structural"},
        {"description", "must be empty to be structural"},
        {"default", "must be undefined to be structural"},
        {"nullable", "must be false to be structural"},
        {kPreserve, "must be false to be structural"},
        {kEmbedded, "must be false to be structural"},
        {kIntOrString, "must be false to be structural"},
        {"x-kubernetes-list-map-keys", "must be empty to be structural"},
        {"x-kubernetes-list-type", "must be undefined to be structural"},
        {"x-kubernetes-map-type", "must be undefined to be structural"},
        {"x-kubernetes-validations", "must be empty to be structural"},
    };
    for (const Row& row : kRows) {
      const Field field = schema[row.keyword];
      const bool set = field.value.is_bool()     ? field.value.bool_or(false)
                       : field.value.is_string() ? !field.str().empty()
                                                 : !field.absent();
      const bool allowed = names_types && row.keyword == absl::string_view("type");
      if (set && !allowed) errors_.push_back(ForbiddenField(field.path, row.detail));
    }
    if (properties.value.Has("metadata")) {
      const FieldPath path = properties.path.Key("metadata");
      errors_.push_back(ForbiddenField(path, "must not be specified in a nested context"));
    }
  }

  FieldErrors& errors_;
};

}  // namespace

FieldErrors StructuralFaults(const Field& schema) {
  FieldErrors errors;
  StructuralChecker(errors).Check(schema, Level::kRoot);
  std::stable_sort(errors.begin(), errors.end(), [](const FieldError& a, const FieldError& b) {
    return ToString(a) < ToString(b);
  });
  return errors;
}

}  // namespace sluice::devapi
