// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/health_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::helm_controller {
namespace {

absl::StatusOr<std::shared_ptr<const cel::Program>> ParseExpression(const Value& rule,
                                                                    absl::string_view field) {
  if (rule[field].is_null()) return std::shared_ptr<const cel::Program>();
  auto program = cel::Program::Parse(rule[field].str(), cel::Features::Flux());
  if (!program.ok()) {
    return Annotate(program.status(),
                    absl::StrCat("failed to parse the expression ", field, " of ",
                                 rule["apiVersion"].str(), "/", rule["kind"].str()));
  }
  return program;
}

bool Holds(const std::shared_ptr<const cel::Program>& program, const Value& object) {
  if (program == nullptr) return false;
  cel::Bindings bindings;
  bindings.BindMembers(object);
  const cel::Outcome outcome = program->Evaluate(bindings);
  return outcome.value.ok() && outcome.value->bool_or(false);
}

}  // namespace

absl::StatusOr<HealthRules> HealthRules::Parse(const Value& list) {
  HealthRules result;
  for (const Value& item : list.items()) {
    Rule rule;
    rule.group = kube::SplitApiVersion(item["apiVersion"].str()).first;
    rule.kind = std::string(item["kind"].str());
    for (const Rule& other : result.rules_) {
      if (other.group == rule.group && other.kind == rule.kind) {
        return absl::InvalidArgumentError(
            absl::StrCat("two health checks are about ", item["apiVersion"].str(), "/", rule.kind));
      }
    }
    ASSIGN_OR_RETURN(rule.current, ParseExpression(item, "current"));
    ASSIGN_OR_RETURN(rule.in_progress, ParseExpression(item, "inProgress"));
    ASSIGN_OR_RETURN(rule.failed, ParseExpression(item, "failed"));
    result.rules_.push_back(std::move(rule));
  }
  std::stable_partition(result.rules_.begin(), result.rules_.end(),
                        [](const Rule& rule) { return !rule.kind.empty(); });
  return result;
}

std::optional<ssa::Readiness> HealthRules::ReadinessOf(const Value& object) const {
  const kube::GroupVersionKind gvk = kube::GvkOf(object);
  for (const Rule& rule : rules_) {
    if (rule.group != gvk.group || (!rule.kind.empty() && rule.kind != gvk.kind)) continue;
    const Value& observed = object["status"]["observedGeneration"];
    if (!observed.is_null() && observed.int_or(0) != kube::Generation(object)) {
      return ssa::Readiness::kInProgress;
    }
    if (Holds(rule.in_progress, object)) return ssa::Readiness::kInProgress;
    if (Holds(rule.failed, object)) return ssa::Readiness::kFailed;
    return Holds(rule.current, object) ? ssa::Readiness::kCurrent : ssa::Readiness::kInProgress;
  }
  return std::nullopt;
}

}  // namespace sluice::helm_controller
