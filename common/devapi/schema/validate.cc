// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/validate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/devapi/schema/formats.h"
#include "common/devapi/schema/rules.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

// A double without a fraction counts as an integer, as in the reference.
bool IsWhole(const Value& value) {
  return value.is_integer() || (value.kind() == Value::Kind::kDouble &&
                                value.double_or(0) == std::trunc(value.double_or(0)));
}

absl::string_view TypeNameOf(const Value& value) {
  if (value.is_null()) return "null";
  if (value.is_object()) return "object";
  if (value.is_array()) return "array";
  if (value.is_string()) return "string";
  if (value.is_bool()) return "boolean";
  return value.is_integer() ? "integer" : "number";
}

absl::string_view TypeNameOf(const Schema& schema) {
  return schema.int_or_string ? "integer,string" : TypeNameOf(schema.type);
}

bool HasType(const Schema& schema, const Value& value) {
  if (schema.int_or_string) return value.is_string() || IsWhole(value);
  switch (schema.type) {
    case SchemaType::kAny:
      return true;
    case SchemaType::kObject:
      return value.is_object();
    case SchemaType::kArray:
      return value.is_array();
    case SchemaType::kString:
      return value.is_string();
    case SchemaType::kInteger:
      return IsWhole(value);
    case SchemaType::kNumber:
      return value.is_number();
    case SchemaType::kBoolean:
      return value.is_bool();
  }
  return true;
}

// Characters, not bytes.
int64_t LengthOf(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

// A bound as the reference compares and prints it: with an integer, as an integer.
double BoundFor(const Value& value, double bound) {
  return value.is_integer() ? std::trunc(bound) : bound;
}

bool IsAllowed(const std::vector<Value>& allowed, const Value& value) {
  return std::any_of(allowed.begin(), allowed.end(), [&](const Value& one) {
    if (one.is_number() && value.is_number()) return one.double_or(0) == value.double_or(0);
    return one == value;
  });
}

class Validator {
 public:
  explicit Validator(FieldErrors& errors) : errors_(errors) {}

  void Check(const Schema& schema, const Value& value, const Value* old, const FieldPath& path) {
    if (old != nullptr && *old == value) return;
    CheckType(schema, value, path);
    if (value.is_null()) {
      if (schema.checks != nullptr) CheckAllowed(*schema.checks, value, path);
      return;
    }
    const ValueChecks* const checks = schema.checks;
    if (checks != nullptr) CheckAlternatives(*checks, value, path);
    if (checks != nullptr && value.is_string()) CheckText(*checks, value, path);
    if (checks != nullptr && value.is_number()) CheckNumber(*checks, value, path);
    if (value.is_array()) CheckItems(schema, value, old, path);
    if (checks != nullptr) CheckAllowed(*checks, value, path);
    if (value.is_object()) CheckMembers(schema, value, old, path);
  }

 private:
  // "spec.x in body should ...".
  static std::string Should(const FieldPath& path, absl::string_view rest) {
    return absl::StrCat(path.InBody(), " in body should ", rest);
  }

  void CheckType(const Schema& schema, const Value& value, const FieldPath& path) {
    if (value.is_null() ? schema.nullable || TypeNameOf(schema).empty() : HasType(schema, value)) {
      return;
    }
    const Value name(TypeNameOf(value));
    errors_.push_back(WrongType(path, name,
                                absl::StrCat(path.InBody(), " in body must be of type ",
                                             TypeNameOf(schema), ": ", value::FormatJson(name))));
  }

  void CheckAllowed(const ValueChecks& checks, const Value& value, const FieldPath& path) {
    if (checks.allowed.empty() || IsAllowed(checks.allowed, value)) return;
    std::vector<std::string> names;
    for (const Value& one : checks.allowed) {
      names.push_back(one.is_string() ? std::string(one.str()) : value::FormatJson(one));
    }
    errors_.push_back(NotSupported(path, value, names));
  }

  void CheckText(const ValueChecks& checks, const Value& value, const FieldPath& path) {
    const absl::string_view text = value.str();
    if (checks.max_length && LengthOf(text) > *checks.max_length) {
      errors_.push_back(TooLong(path, *checks.max_length));
    } else if (checks.min_length && LengthOf(text) < *checks.min_length) {
      errors_.push_back(InvalidValue(
          path, value,
          Should(path, absl::StrCat("be at least ", *checks.min_length, " chars long"))));
    } else if (checks.pattern != nullptr && !checks.pattern->Matches(text)) {
      errors_.push_back(InvalidValue(
          path, value, Should(path, absl::StrCat("match '", checks.pattern->text(), "'"))));
    }
    if (!checks.format.empty() && !MatchesFormat(checks.format, text)) {
      errors_.push_back(WrongType(path, value,
                                  absl::StrCat(path.InBody(), " in body must be of type ",
                                               checks.format, ": ", value::FormatJson(value))));
    }
  }

  void CheckNumber(const ValueChecks& checks, const Value& value, const FieldPath& path) {
    const double number = value.double_or(0);
    const auto fail = [&](absl::string_view what, double bound) {
      errors_.push_back(InvalidValue(
          path, value, Should(path, absl::StrCat("be ", what, value::FormatJsonDouble(bound)))));
    };
    if (checks.multiple_of && *checks.multiple_of > 0 &&
        std::fmod(number, *checks.multiple_of) != 0) {
      fail("a multiple of ", *checks.multiple_of);
    }
    if (checks.maximum) {
      const double bound = BoundFor(value, *checks.maximum);
      if (checks.exclusive_maximum ? number >= bound : number > bound) {
        fail(checks.exclusive_maximum ? "less than " : "less than or equal to ", bound);
      }
    }
    if (checks.minimum) {
      const double bound = BoundFor(value, *checks.minimum);
      if (checks.exclusive_minimum ? number <= bound : number < bound) {
        fail(checks.exclusive_minimum ? "greater than " : "greater than or equal to ", bound);
      }
    }
  }

  // What of the stored list stands for the item: found by its keys in a map, else nothing.
  static const Value* OldItem(const Schema& schema, const Value& item, const Value* old) {
    if (old == nullptr || schema.list_type != ListType::kMap) return nullptr;
    for (const Value& candidate : old->items()) {
      if (std::all_of(schema.list_keys->begin(), schema.list_keys->end(),
                      [&](const std::string& key) { return candidate[key] == item[key]; })) {
        return &candidate;
      }
    }
    return nullptr;
  }

  void CheckItems(const Schema& schema, const Value& value, const Value* old,
                  const FieldPath& path) {
    if (schema.items != nullptr) {
      for (size_t i = 0; i < value.size(); ++i) {
        const FieldPath child = path.Index(i);
        Check(*schema.items, value.at(i), OldItem(schema, value.at(i), old), child);
      }
    }
    if (schema.checks == nullptr) return;
    const auto size = static_cast<int64_t>(value.size());
    if (schema.checks->min_items && size < *schema.checks->min_items) {
      errors_.push_back(InvalidValue(
          path, size,
          Should(path, absl::StrCat("have at least ", *schema.checks->min_items, " items"))));
    }
    if (schema.checks->max_items && size > *schema.checks->max_items) {
      errors_.push_back(TooMany(path, size, *schema.checks->max_items));
    }
    if (schema.checks->unique_items && HasRepeated(value)) {
      errors_.push_back(InvalidValue(
          path, "", absl::StrCat(path.InBody(), " in body shouldn't contain duplicates")));
    }
  }

  static bool HasRepeated(const Value& list) {
    std::set<std::string> seen;
    return std::any_of(list.items().begin(), list.items().end(), [&](const Value& item) {
      return !seen.insert(value::FormatJson(item)).second;
    });
  }

  void CheckMembers(const Schema& schema, const Value& value, const Value* old,
                    const FieldPath& path) {
    if (const ValueChecks* checks = schema.checks; checks != nullptr) {
      const auto size = static_cast<int64_t>(value.size());
      if (checks->min_properties && size < *checks->min_properties) {
        errors_.push_back(InvalidValue(
            path, size,
            Should(path, absl::StrCat("have at least ", *checks->min_properties, " properties"))));
      }
      if (checks->max_properties && size > *checks->max_properties) {
        errors_.push_back(TooMany(path, size, *checks->max_properties));
      }
    }
    for (const value::Member& member : value.members()) {
      const Schema* const below = schema.Member(member.key);
      // Metadata is checked elsewhere.
      if (below == nullptr || !below->definition.empty()) continue;
      const FieldPath child = path.Child(member.key);
      Check(*below, member.value, old == nullptr ? nullptr : old->Find(member.key), child);
    }
    if (schema.properties == nullptr) return;
    for (const std::string& name : schema.properties->required) {
      const FieldPath child = path.Child(name);
      if (!value.Has(name)) errors_.push_back(Required(child));
    }
  }

  // The errors of one alternative.
  static FieldErrors Try(const Schema& schema, const Value& value, const FieldPath& path) {
    FieldErrors errors;
    Validator(errors).Check(schema, value, nullptr, path);
    return errors;
  }

  void AddAlternativeError(const FieldPath& path, absl::string_view text) {
    errors_.push_back(
        InvalidValue(FieldPath(), "", absl::StrCat("\"", path.InBody(), "\" must ", text)));
  }

  void CheckAlternatives(const ValueChecks& checks, const Value& value, const FieldPath& path) {
    if (!checks.any_of.empty()) CheckOneOrMore(checks.any_of, value, path, false);
    if (!checks.one_of.empty()) CheckOneOrMore(checks.one_of, value, path, true);
    bool all_valid = true;
    bool none_valid = true;
    for (const Schema* schema : checks.all_of) {
      FieldErrors errors = Try(*schema, value, path);
      all_valid = all_valid && errors.empty();
      none_valid = none_valid && !errors.empty();
      errors_.insert(errors_.end(), errors.begin(), errors.end());
    }
    if (!all_valid) {
      AddAlternativeError(path, absl::StrCat("validate all the schemas (allOf)",
                                             none_valid ? ". None validated" : ""));
    }
    if (checks.negated != nullptr && Try(*checks.negated, value, path).empty()) {
      AddAlternativeError(path, "not validate the schema (not)");
    }
  }

  void CheckOneOrMore(const std::vector<const Schema*>& schemas, const Value& value,
                      const FieldPath& path, bool exactly_one) {
    int valid = 0;
    FieldErrors first_failure;
    for (const Schema* schema : schemas) {
      FieldErrors errors = Try(*schema, value, path);
      if (errors.empty()) ++valid;
      if (first_failure.empty()) first_failure = std::move(errors);
    }
    if (valid == 1 || (valid > 1 && !exactly_one)) return;
    if (valid > 1) {
      AddAlternativeError(path, absl::StrCat("validate one and only one schema (oneOf). Found ",
                                             valid, " valid alternatives"));
      return;
    }
    AddAlternativeError(path, exactly_one
                                  ? "validate one and only one schema (oneOf). Found none valid"
                                  : "validate at least one schema (anyOf)");
    errors_.insert(errors_.end(), first_failure.begin(), first_failure.end());
  }

  FieldErrors& errors_;
};

// The keys of a map's item as the reference prints them.
Value KeysOf(const Value& item, const std::vector<std::string>& keys) {
  Value result = Value::EmptyObject();
  for (const std::string& key : keys) {
    if (const Value* value = item.Find(key); value != nullptr) result.Set(key, *value);
  }
  return result;
}

void CheckUniqueness(const Schema& schema, const Value& value, const FieldPath& path,
                     FieldErrors& errors) {
  if (value.is_array()) {
    if (schema.list_type_given && schema.list_type != ListType::kAtomic) {
      // A value that occurs three times is reported once.
      std::vector<std::pair<std::string, int>> seen;
      for (size_t i = 0; i < value.size(); ++i) {
        const FieldPath child = path.Index(i);
        const Value key = schema.list_type == ListType::kSet
                              ? value.at(i)
                              : KeysOf(value.at(i), *schema.list_keys);
        std::string text = value::FormatJson(key);
        const auto it = std::find_if(seen.begin(), seen.end(),
                                     [&](const auto& entry) { return entry.first == text; });
        if (it == seen.end()) {
          seen.emplace_back(std::move(text), 1);
        } else if (++it->second == 2) {
          errors.push_back(Duplicate(child, key));
        }
      }
    }
    if (schema.items == nullptr) return;
    for (size_t i = 0; i < value.size(); ++i) {
      const FieldPath child = path.Index(i);
      CheckUniqueness(*schema.items, value.at(i), child, errors);
    }
    return;
  }
  for (const value::Member& member : value.members()) {
    const Property* const property = schema.Find(member.key);
    const Schema* const below = property != nullptr ? property->schema : schema.additional;
    if (below == nullptr || !below->definition.empty()) continue;
    const FieldPath child = property != nullptr ? path.Child(member.key) : path.Key(member.key);
    CheckUniqueness(*below, member.value, child, errors);
  }
}

// Whether CEL could fail on an object with this error, so that rules are not tried.
bool Blocks(const FieldError& error) {
  for (const char* reason : {"FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong",
                             "FieldValueTooMany", "FieldValueTypeInvalid"}) {
    if (error.reason == reason) return true;
  }
  return false;
}

// Types and values, uniqueness, and, if nothing hinders them, the rules.
void CheckAll(const Schema& schema, const Value& value, const Value* old, const FieldPath& path,
              bool has_rules, FieldErrors& errors) {
  ValidateValue(schema, value, old, path, errors);
  FieldErrors old_duplicates;
  if (old != nullptr) CheckUniqueness(schema, *old, path, old_duplicates);
  if (old_duplicates.empty()) CheckUniqueness(schema, value, path, errors);
  if (!has_rules) return;
  if (std::any_of(errors.begin(), errors.end(), Blocks)) {
    errors.push_back(InvalidValue(
        FieldPath(), Value(),
        "some validation rules were not checked because the object was invalid; correct the "
        "existing errors to complete validation"));
  } else {
    CheckRules(schema, value, old, path, errors);
  }
}

}  // namespace

void ValidateValue(const Schema& schema, const Value& value, const Value* old_value,
                   const FieldPath& path, FieldErrors& errors) {
  Validator(errors).Check(schema, value, old_value, path);
}

FieldErrors ValidateCustomObject(const CustomSchema& schema, const Value& object,
                                 const ValidateOptions& options) {
  FieldErrors errors;
  const FieldPath root;
  if (options.status_only) {
    const Property* const status = schema.root->Find("status");
    const Value* const value = object.Find("status");
    const FieldPath path = FieldPath::Base("status");
    if (status != nullptr && value != nullptr) {
      const Value* const old =
          options.old_object == nullptr ? nullptr : options.old_object->Find("status");
      CheckAll(*status->schema, *value, old, path, schema.has_rules, errors);
    }
    return errors;
  }
  if (schema.metadata_checks != nullptr) {
    const FieldPath metadata = root.Child("metadata");
    ValidateValue(*schema.metadata_checks, object["metadata"],
                  options.old_object == nullptr ? nullptr : options.old_object->Find("metadata"),
                  metadata, errors);
  }
  CheckAll(*schema.root, object, options.old_object, root, schema.has_rules, errors);
  return errors;
}

}  // namespace sluice::devapi
