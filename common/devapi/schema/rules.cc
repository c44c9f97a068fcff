// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/rules.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace sluice::devapi {
namespace {

// What the reference prints in place of the value: the schema's type.
absl::string_view TypeName(const Schema& schema) {
  switch (schema.type) {
    case SchemaType::kObject:
      return "object";
    case SchemaType::kArray:
      return "array";
    case SchemaType::kString:
      return "string";
    case SchemaType::kInteger:
      return "integer";
    case SchemaType::kNumber:
      return "number";
    case SchemaType::kBoolean:
      return "boolean";
    case SchemaType::kAny:
      return "";
  }
  return "";
}

class RuleChecker {
 public:
  RuleChecker(const CelEvaluator& cel, FieldErrors& errors) : cel_(cel), errors_(errors) {}

  void Check(const Schema& schema, const Value& value, const Value* old, const FieldPath& path) {
    const bool unchanged = old != nullptr && *old == value;
    if (schema.checks != nullptr && !value.is_null() && !unchanged) {
      for (const ValidationRule& rule : schema.checks->rules) Try(schema, rule, value, old, path);
    }
    if (value.is_array() && schema.items != nullptr) {
      for (size_t i = 0; i < value.size(); ++i) {
        const FieldPath child = path.Index(i);
        Check(*schema.items, value.at(i), OldItem(schema, value.at(i), old), child);
      }
    }
    for (const value::Member& member : value.members()) {
      const Property* const property = schema.Find(member.key);
      const Schema* const below = property != nullptr ? property->schema : schema.additional;
      if (below == nullptr || !below->definition.empty()) continue;
      const FieldPath child = property != nullptr ? path.Child(member.key) : path.Key(member.key);
      Check(*below, member.value, old == nullptr ? nullptr : old->Find(member.key), child);
    }
  }

 private:
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

  void Try(const Schema& schema, const ValidationRule& rule, const Value& value, const Value* old,
           const FieldPath& path) {
    const bool compares = absl::StrContains(rule.rule, "oldSelf");
    if (compares && old == nullptr && !rule.optional_old_self) return;
    const absl::StatusOr<Value> holds = cel_(schema, rule.rule, value, compares ? old : nullptr);
    if (!holds.ok()) {
      errors_.push_back(InvalidValue(
          path, TypeName(schema),
          absl::StrCat(holds.status().message(),
                       " evaluating rule: ", rule.message.empty() ? rule.rule : rule.message)));
      return;
    }
    if (holds->bool_or(false)) return;
    const std::string message = MessageOf(schema, rule, value, compares ? old : nullptr);
    const FieldPath target =
        rule.field_path.empty() ? path : path.Child(absl::string_view(rule.field_path).substr(1));
    if (rule.reason == "FieldValueRequired") {
      errors_.push_back(Required(target, message));
    } else if (rule.reason == "FieldValueForbidden") {
      errors_.push_back(ForbiddenField(target, message));
    } else if (rule.reason == "FieldValueDuplicate") {
      errors_.push_back(Duplicate(target, TypeName(schema)));
    } else {
      errors_.push_back(InvalidValue(target, TypeName(schema), message));
    }
  }

  std::string MessageOf(const Schema& schema, const ValidationRule& rule, const Value& value,
                        const Value* old) const {
    if (!rule.message_expression.empty()) {
      const absl::StatusOr<Value> text = cel_(schema, rule.message_expression, value, old);
      if (text.ok() && !text->str().empty()) return std::string(text->str());
    }
    return rule.message.empty() ? absl::StrCat("failed rule: ", rule.rule) : rule.message;
  }

  const CelEvaluator& cel_;
  FieldErrors& errors_;
};

}  // namespace

void CheckRules(const Schema& schema, const Value& value, const Value* old_value,
                const CelEvaluator& cel, const FieldPath& path, FieldErrors& errors) {
  RuleChecker(cel, errors).Check(schema, value, old_value, path);
}

}  // namespace sluice::devapi
