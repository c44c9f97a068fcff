// allOf, anyOf, oneOf, not, if.

// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/jsonschema/evaluation.h"

namespace sluice::jsonschema {

void Application::CheckLogic(const LogicRules& rules) {
  if (rules.negated != nullptr && ApplyHere(*rules.negated, "", true) == nullptr) {
    Add([] { return "'not' failed"; });
  }
  CheckAllOf(rules);
  CheckAnyOf(rules);
  CheckOneOf(rules);
  if (rules.condition == nullptr) return;
  const bool holds = ApplyHere(*rules.condition, "", true) == nullptr;
  const Node* const branch = holds ? rules.then : rules.otherwise;
  if (branch != nullptr) AddIfAny(ApplyHere(*branch, "", false));
}

void Application::CheckAllOf(const LogicRules& rules) {
  std::vector<FailurePtr> causes;
  for (const Node* schema : rules.all_of) {
    FailurePtr failure = ApplyHere(*schema, "", false);
    if (failure == nullptr) continue;
    Keep(std::move(failure), causes);
    if (only_verdict_) break;
  }
  if (!causes.empty()) AddWithCauses(std::move(causes), [] { return "'allOf' failed"; });
}

void Application::CheckAnyOf(const LogicRules& rules) {
  if (rules.any_of.empty()) return;
  bool matched = false;
  std::vector<FailurePtr> causes;
  for (const Node* schema : rules.any_of) {
    FailurePtr failure = ApplyHere(*schema, "", false);
    if (failure != nullptr) {
      Keep(std::move(failure), causes);
      continue;
    }
    matched = true;
    // Further ones matter only for what they evaluate.
    if (unevaluated_.empty()) break;
  }
  if (!matched) AddWithCauses(std::move(causes), [] { return "'anyOf' failed"; });
}

void Application::CheckOneOf(const LogicRules& rules) {
  if (rules.one_of.empty()) return;
  std::optional<size_t> matched;
  std::vector<FailurePtr> causes;
  for (size_t i = 0; i < rules.one_of.size(); ++i) {
    FailurePtr failure = ApplyHere(*rules.one_of[i], "", matched.has_value());
    if (failure != nullptr) {
      if (!matched.has_value()) Keep(std::move(failure), causes);
    } else if (!matched.has_value()) {
      matched = i;
    } else {
      Add([&] {
        return absl::StrCat("'oneOf' failed, subschemas ",
                            CountForMessage(static_cast<int64_t>(*matched)), ", ",
                            CountForMessage(static_cast<int64_t>(i)), " matched");
      });
      break;
    }
  }
  if (!matched.has_value()) {
    AddWithCauses(std::move(causes), [] { return "'oneOf' failed, none matched"; });
  }
}

}  // namespace sluice::jsonschema
