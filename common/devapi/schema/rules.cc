// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/rules.h"

#include <algorithm>

namespace sluice::devapi {
namespace {

// What the reference prints in place of the value: the schema's type.
absl::string_view TypeName(const Schema& schema) { return TypeNameOf(schema.type); }

class RuleChecker {
 public:
  explicit RuleChecker(FieldErrors& errors) : errors_(errors) {}

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
    if (rule.compiled == nullptr || exhausted_) return;
    const cel::Verdict verdict = rule.compiled->Check(value, old, budget_);
    using Kind = cel::Verdict::Kind;
    if (verdict.kind == Kind::kHolds) return;
    exhausted_ = verdict.kind == Kind::kExceeds;
    if (verdict.kind != Kind::kFails) {
      errors_.push_back(InvalidValue(path, TypeName(schema), verdict.detail));
      return;
    }
    const FieldPath target =
        rule.field_path.empty() ? path : path.Child(absl::string_view(rule.field_path).substr(1));
    if (rule.reason == "FieldValueRequired") {
      errors_.push_back(Required(target, verdict.detail));
    } else if (rule.reason == "FieldValueForbidden") {
      errors_.push_back(ForbiddenField(target, verdict.detail));
    } else if (rule.reason == "FieldValueDuplicate") {
      errors_.push_back(Duplicate(target, TypeName(schema)));
    } else {
      errors_.push_back(InvalidValue(target, TypeName(schema), verdict.detail));
    }
  }

  uint64_t budget_ = cel::kRuleBudget;
  bool exhausted_ = false;
  FieldErrors& errors_;
};

}  // namespace

std::vector<ValidationRule> CompileRules(const Value& json, bool is_resource) {
  std::vector<ValidationRule> rules;
  const Value& texts = json["x-kubernetes-validations"];
  if (texts.empty()) return rules;
  const cel::SchemaPtr seen = cel::SchemaFromOpenApi(json, is_resource);
  for (const Value& text : texts.items()) {
    ValidationRule rule;
    rule.rule = std::string(text["rule"].str());
    rule.message = std::string(text["message"].str());
    rule.message_expression = std::string(text["messageExpression"].str());
    rule.reason = std::string(text["reason"].string_or("FieldValueInvalid"));
    rule.field_path = std::string(text["fieldPath"].str());
    rule.optional_old_self = text["optionalOldSelf"].bool_or(false);
    absl::StatusOr<std::shared_ptr<const cel::Rule>> compiled = cel::Rule::Compile(
        {rule.rule, rule.message, rule.message_expression, rule.optional_old_self}, seen,
        cel::RuleAge::kStored);
    if (compiled.ok()) rule.compiled = *std::move(compiled);
    rules.push_back(std::move(rule));
  }
  return rules;
}

void CheckRules(const Schema& schema, const Value& value, const Value* old_value,
                const FieldPath& path, FieldErrors& errors) {
  RuleChecker(errors).Check(schema, value, old_value, path);
}

}  // namespace sluice::devapi
