// Objects: required and dependent properties, their names and values.

// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/jsonschema/evaluation.h"

namespace sluice::jsonschema {

void Application::CheckObject(const ObjectRules& rules) {
  CheckObjectCounts(rules);
  if (settled()) return;
  CheckDependencies(rules);
  CheckMembers(rules);
  if (settled()) return;
  if (rules.property_names != nullptr) CheckPropertyNames(*rules.property_names);
  CheckDependents(rules);
}

std::vector<std::string> Application::Missing(std::span<const std::string> required) const {
  evaluation_.Charge(required.size() / 16);
  std::vector<std::string> missing;
  for (const std::string& name : required) {
    if (!value_.Has(name)) missing.push_back(name);
  }
  return missing;
}

void Application::CheckObjectCounts(const ObjectRules& rules) {
  const auto size = static_cast<int64_t>(value_.size());
  const auto counted = [&](absl::string_view keyword, int64_t want) {
    return absl::StrCat(keyword, ": got ", CountForMessage(size), ", want ", CountForMessage(want));
  };
  if (rules.min_properties.has_value() && size < *rules.min_properties) {
    Add([&] { return counted("minProperties", *rules.min_properties); });
  }
  if (rules.max_properties.has_value() && size > *rules.max_properties) {
    Add([&] { return counted("maxProperties", *rules.max_properties); });
  }
  if (rules.required.empty()) return;
  const std::vector<std::string> missing = Missing(rules.required);
  if (missing.empty()) return;
  Add([&] {
    return absl::StrCat(missing.size() == 1 ? "missing property " : "missing properties ",
                        JoinQuoted(missing));
  });
}

void Application::CheckMembers(const ObjectRules& rules) {
  std::vector<std::string> additional;
  for (const value::Member& member : value_.members()) {
    if (settled()) return;
    evaluation_.Charge(1);
    bool evaluated = false;
    if (const auto found = rules.properties.find(member.key); found != rules.properties.end()) {
      evaluated = true;
      AddIfAny(ApplyTo(*found->second, member.value, member.key));
    }
    for (const auto& [pattern, schema] : rules.pattern_properties) {
      evaluation_.Charge(1 + member.key.size() / 64);
      if (!pattern.MatchesIn(member.key)) continue;
      evaluated = true;
      AddIfAny(ApplyTo(*schema, member.value, member.key));
    }
    if (!evaluated && rules.additional_allowed.has_value()) {
      evaluated = true;
      if (!*rules.additional_allowed) additional.push_back(member.key);
    } else if (!evaluated && rules.additional != nullptr) {
      evaluated = true;
      AddIfAny(ApplyTo(*rules.additional, member.value, member.key));
    }
    if (evaluated) unevaluated_.properties.erase(member.key);
  }
  if (additional.empty()) return;
  Add([&] {
    return absl::StrCat("additional properties ", JoinQuoted(additional), " not allowed");
  });
}

void Application::CheckPropertyNames(const Node& schema) {
  for (const value::Member& member : value_.members()) {
    std::vector<FailurePtr> causes = evaluation_.Apart(schema, Value(member.key));
    if (causes.empty()) continue;
    AddWithCauses(std::move(causes),
                  [&] { return absl::StrCat("invalid propertyName ", SingleQuoted(member.key)); });
  }
}

void Application::CheckDependencies(const ObjectRules& rules) {
  for (const auto& [name, dependency] : rules.dependencies) {
    evaluation_.Charge(1);
    if (!value_.Has(name)) continue;
    if (const Node* const* schema = std::get_if<const Node*>(&dependency)) {
      AddIfAny(ApplyHere(**schema, "", false));
      continue;
    }
    const auto missing = Missing(std::get<std::vector<std::string>>(dependency));
    if (missing.empty()) continue;
    Add([&, &name = name] {
      return absl::StrCat("properties ", JoinQuoted(missing), " required, if ", SingleQuoted(name),
                          " exists");
    });
  }
}

void Application::CheckDependents(const ObjectRules& rules) {
  for (const auto& [name, schema] : rules.dependent_schemas) {
    evaluation_.Charge(1);
    if (value_.Has(name)) AddIfAny(ApplyHere(*schema, "", false));
  }
  for (const auto& [name, required] : rules.dependent_required) {
    evaluation_.Charge(1);
    if (!value_.Has(name)) continue;
    const std::vector<std::string> missing = Missing(required);
    if (missing.empty()) continue;
    Add([&, &name = name] {
      return absl::StrCat("properties ", JoinQuoted(missing), " required, if ", SingleQuoted(name),
                          " exists");
    });
  }
}

}  // namespace sluice::jsonschema
