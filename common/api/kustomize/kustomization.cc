// SPDX-License-Identifier: Apache-2.0
#include "common/api/kustomize/kustomization.h"

#include <algorithm>

#include "common/api/kinds.h"
#include "common/api/meta/decode.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::api {
namespace {

constexpr absl::Duration kMinTimeout = absl::Seconds(30);

DeletionPolicy ParseDeletionPolicy(absl::string_view text) {
  if (text == "Delete") return DeletionPolicy::kDelete;
  if (text == "WaitForTermination") return DeletionPolicy::kWaitForTermination;
  if (text == "Orphan") return DeletionPolicy::kOrphan;
  return DeletionPolicy::kMirrorPrune;
}

SourceReference DecodeSource(const std::string& ns, const Value& reference) {
  return {Text(reference["kind"]),
          {OrDefault(reference["namespace"], ns), Text(reference["name"])}};
}

PostBuild DecodePostBuild(const Value& value) {
  PostBuild result;
  result.substitute = TextMap(value["substitute"]);
  result.always = value["substituteStrategy"].str() == "Always";
  for (const Value& item : value["substituteFrom"].items()) {
    result.substitute_from.push_back(
        {Text(item["kind"]), Text(item["name"]), item["optional"].bool_or(false)});
  }
  return result;
}

}  // namespace

SourceReference SourceOf(const Value& kustomization) {
  return DecodeSource(std::string(kube::Namespace(kustomization)),
                      kustomization["spec"]["sourceRef"]);
}

std::vector<Dependency> DependenciesOf(const Value& kustomization) {
  return DecodeDependencies(kKustomizeGroup, "Kustomization",
                            std::string(kube::Namespace(kustomization)),
                            kustomization["spec"]["dependsOn"]);
}

absl::StatusOr<KustomizationSpec> DecodeKustomizationSpec(const kube::ObjectKey& key,
                                                          const Value& spec) {
  KustomizationSpec result;
  result.raw = spec;
  ASSIGN_OR_RETURN(result.interval,
                   DurationField(spec["interval"], "spec.interval", absl::Minutes(1)));
  ASSIGN_OR_RETURN(result.retry_interval,
                   DurationField(spec["retryInterval"], "spec.retryInterval", result.interval));
  ASSIGN_OR_RETURN(result.timeout, DurationField(spec["timeout"], "spec.timeout",
                                                 result.interval - absl::Seconds(30)));
  result.timeout = std::max(result.timeout, kMinTimeout);
  result.suspend = spec["suspend"].bool_or(false);
  result.source = DecodeSource(key.ns, spec["sourceRef"]);
  result.path = Text(spec["path"]);
  result.prune = spec["prune"].bool_or(false);
  result.deletion_policy = ParseDeletionPolicy(spec["deletionPolicy"].str());
  result.force = spec["force"].bool_or(false);
  result.wait = spec["wait"].bool_or(false);
  for (const Value& item : spec["healthChecks"].items()) {
    result.health_checks.push_back({Text(item["apiVersion"]),
                                    Text(item["kind"]),
                                    {Text(item["namespace"]), Text(item["name"])}});
  }
  result.depends_on =
      DecodeDependencies(kKustomizeGroup, "Kustomization", key.ns, spec["dependsOn"]);
  result.service_account_name = Text(spec["serviceAccountName"]);
  result.common_labels = TextMap(spec["commonMetadata"]["labels"]);
  result.common_annotations = TextMap(spec["commonMetadata"]["annotations"]);
  if (spec["postBuild"].is_object()) result.post_build = DecodePostBuild(spec["postBuild"]);
  return result;
}

KustomizationStatus KustomizationStatus::Decode(const Value& status) {
  KustomizationStatus result;
  result.observed_generation = status["observedGeneration"].int_or(-1);
  result.conditions = Conditions::Decode(status["conditions"]);
  result.last_handled_reconcile_at = Text(status["lastHandledReconcileAt"]);
  result.last_attempted_revision = Text(status["lastAttemptedRevision"]);
  result.last_applied_revision = Text(status["lastAppliedRevision"]);
  result.last_applied_origin_revision = Text(status["lastAppliedOriginRevision"]);
  result.inventory = status["inventory"];
  result.history = status["history"];
  return result;
}

Value KustomizationStatus::Encode() const {
  Value status = {{"observedGeneration", observed_generation}};
  const auto set_text = [&status](absl::string_view key, const std::string& text) {
    if (!text.empty()) status.Set(key, text);
  };
  if (!conditions.all().empty()) status.Set("conditions", conditions.Encode());
  set_text("lastHandledReconcileAt", last_handled_reconcile_at);
  set_text("lastAttemptedRevision", last_attempted_revision);
  set_text("lastAppliedRevision", last_applied_revision);
  set_text("lastAppliedOriginRevision", last_applied_origin_revision);
  if (!inventory.is_null()) status.Set("inventory", inventory);
  if (!history.is_null()) status.Set("history", history);
  return status;
}

}  // namespace sluice::api
