// SPDX-License-Identifier: Apache-2.0
#include "common/api/image/image_update_automation.h"

#include <utility>

#include "common/api/meta/decode.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::api {
namespace {

constexpr char kSetters[] = "Setters";

kube::ObjectKey SourceKey(absl::string_view ns, const Value& spec) {
  const std::string other = Text(spec["sourceRef"]["namespace"]);
  return {other.empty() ? std::string(ns) : other, Text(spec["sourceRef"]["name"])};
}

std::optional<absl::Time> OptionalTime(const Value& value) {
  const auto time = ParseRfc3339(value.str());
  return time.ok() ? std::optional(*time) : std::nullopt;
}

void DecodeGit(const Value& git, ImageUpdateAutomationSpec& result) {
  if (const Value& reference = git["checkout"]["ref"]; git["checkout"].is_object()) {
    result.checkout_ref =
        GitReference{Text(reference["branch"]), Text(reference["tag"]), Text(reference["semver"]),
                     Text(reference["name"]), Text(reference["commit"])};
  }
  const Value& commit = git["commit"];
  result.author_name = Text(commit["author"]["name"]);
  result.author_email = Text(commit["author"]["email"]);
  result.sign = commit["signingKey"].is_object();
  result.signing_type = Text(commit["signingKey"]["type"]);
  result.signing_secret_name = Text(commit["signingKey"]["secretRef"]["name"]);
  result.message_template = Text(commit["messageTemplate"]);
  result.message_values = TextMap(commit["messageTemplateValues"]);
  result.push_branch = Text(git["push"]["branch"]);
  result.push_refspec = Text(git["push"]["refspec"]);
  result.push_options = TextMap(git["push"]["options"]);
}

}  // namespace

absl::StatusOr<ImageUpdateAutomationSpec> DecodeImageUpdateAutomationSpec(absl::string_view ns,
                                                                          const Value& spec) {
  ImageUpdateAutomationSpec result;
  result.source_kind = Text(spec["sourceRef"]["kind"]);
  if (result.source_kind.empty()) result.source_kind = "GitRepository";
  result.source = SourceKey(ns, spec);
  ASSIGN_OR_RETURN(result.interval,
                   DurationField(spec["interval"], "spec.interval", kDefaultAutomationInterval));
  result.suspend = spec["suspend"].bool_or(false);
  result.has_git = spec["git"].is_object();
  result.is_bare = !result.has_git && spec["interval"].is_null();
  if (result.has_git) {
    DecodeGit(spec["git"], result);
  } else {
    result.author_name = kDefaultAuthorName;
    result.author_email = kDefaultAuthorEmail;
  }
  result.policy_selector = spec["policySelector"];
  const Value& update = spec["update"];
  result.update_strategy = Text(update["strategy"]);
  if (result.update_strategy.empty()) result.update_strategy = kSetters;
  result.update_path = Text(update["path"]);
  return result;
}

ImageUpdateAutomationStatus ImageUpdateAutomationStatus::Decode(const Value& status) {
  ImageUpdateAutomationStatus result;
  result.observed_generation = status["observedGeneration"].int_or(-1);
  result.conditions = Conditions::Decode(status["conditions"]);
  result.last_automation_run_time = OptionalTime(status["lastAutomationRunTime"]);
  result.last_push_commit = Text(status["lastPushCommit"]);
  result.last_push_time = OptionalTime(status["lastPushTime"]);
  for (const value::Member& policy : status["observedPolicies"].members()) {
    if (auto image = ImageRef::Decode(policy.value)) {
      result.observed_policies.emplace(policy.key, std::move(*image));
    }
  }
  result.observed_source_revision = Text(status["observedSourceRevision"]);
  result.last_handled_reconcile_at = Text(status["lastHandledReconcileAt"]);
  return result;
}

Value ImageUpdateAutomationStatus::Encode() const {
  Value status = {{"observedGeneration", observed_generation}};
  if (!conditions.all().empty()) status.Set("conditions", conditions.Encode());
  if (last_automation_run_time.has_value()) {
    status.Set("lastAutomationRunTime", FormatRfc3339(*last_automation_run_time));
  }
  if (!last_push_commit.empty()) status.Set("lastPushCommit", last_push_commit);
  if (last_push_time.has_value()) status.Set("lastPushTime", FormatRfc3339(*last_push_time));
  if (!observed_policies.empty()) {
    Value policies = Value::EmptyObject();
    for (const auto& [name, image] : observed_policies) policies.Set(name, image.Encode());
    status.Set("observedPolicies", std::move(policies));
  }
  if (!observed_source_revision.empty()) {
    status.Set("observedSourceRevision", observed_source_revision);
  }
  if (!last_handled_reconcile_at.empty()) {
    status.Set("lastHandledReconcileAt", last_handled_reconcile_at);
  }
  return status;
}

kube::ObjectKey GitRepositoryOf(const Value& automation) {
  return SourceKey(kube::Namespace(automation), automation["spec"]);
}

}  // namespace sluice::api
