// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/health_rules.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/cel/bindings.h"
#include "common/kube/object.h"

namespace sluice::ssa {
namespace {

std::string RuleKey(absl::string_view kind, absl::string_view group) {
  return absl::StrCat(kind, ".", group);
}

absl::StatusOr<std::shared_ptr<const cel::Program>> Parse(const Value& rule,
                                                          absl::string_view field) {
  const absl::string_view text = rule[field].str();
  if (text.empty()) return std::shared_ptr<const cel::Program>();
  auto program = cel::Program::Parse(text, cel::Features::Flux());
  if (!program.ok()) {
    return Annotate(program.status(), absl::StrCat("failed to parse the CEL expression '", text,
                                                   "' of spec.healthCheckExprs"));
  }
  return program;
}

absl::StatusOr<bool> Holds(const std::shared_ptr<const cel::Program>& program, const Value& live) {
  if (program == nullptr) return false;
  cel::Bindings bindings;
  bindings.BindMembers(live);
  const cel::Outcome outcome = program->Evaluate(bindings);
  if (!outcome.value.ok()) {
    return Annotate(outcome.value.status(),
                    absl::StrCat("failed to evaluate the CEL expression '", program->text(), "'"));
  }
  if (!outcome.value->is_bool()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the CEL expression '", program->text(), "' gives no boolean; compare it with something"));
  }
  return outcome.value->bool_or(false);
}

}  // namespace

absl::StatusOr<HealthRules> HealthRules::Compile(const Value& expressions) {
  HealthRules rules;
  for (const Value& item : expressions.items()) {
    const std::string group = kube::SplitApiVersion(item["apiVersion"].str()).first;
    Rule rule;
    ASSIGN_OR_RETURN(rule.in_progress, Parse(item, "inProgress"));
    ASSIGN_OR_RETURN(rule.failed, Parse(item, "failed"));
    ASSIGN_OR_RETURN(rule.current, Parse(item, "current"));
    if (!rules.rules_.emplace(RuleKey(item["kind"].str(), group), std::move(rule)).second) {
      return absl::InvalidArgumentError(absl::StrCat("duplicate custom health check for GroupKind ",
                                                     RuleKey(item["kind"].str(), group)));
    }
  }
  return rules;
}

const HealthRules::Rule* HealthRules::Find(const kube::GroupVersionKind& gvk) const {
  auto it = rules_.find(RuleKey(gvk.kind, gvk.group));
  if (it == rules_.end()) it = rules_.find(RuleKey("", gvk.group));
  return it == rules_.end() ? nullptr : &it->second;
}

absl::StatusOr<Readiness> HealthRules::Evaluate(const Value& live) const {
  const Rule* rule = Find(kube::GvkOf(live));
  if (rule == nullptr) return absl::InternalError("no rule for this kind");
  const Value& observed = live["status"]["observedGeneration"];
  if (observed.is_integer() && observed != live["metadata"]["generation"]) {
    return Readiness::kInProgress;
  }
  ASSIGN_OR_RETURN(const bool in_progress, Holds(rule->in_progress, live));
  if (in_progress) return Readiness::kInProgress;
  ASSIGN_OR_RETURN(const bool failed, Holds(rule->failed, live));
  if (failed) return Readiness::kFailed;
  ASSIGN_OR_RETURN(const bool current, Holds(rule->current, live));
  return current ? Readiness::kCurrent : Readiness::kInProgress;
}

}  // namespace sluice::ssa
