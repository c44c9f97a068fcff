// SPDX-License-Identifier: Apache-2.0
#include "common/sync_status/status.h"

#include "common/api/meta/decode.h"
#include "common/api/meta/names.h"
#include "common/kube/object.h"

namespace sluice::sync_status {
namespace {

std::string HelmRevision(const Value& status) {
  if (const Value& newest = status["history"].at(0); newest.is_object()) {
    return api::Text(newest["chartVersion"]);
  }
  return api::Text(status["lastAttemptedRevision"]);
}

std::string ImageReference(const Value& status) {
  const Value& latest = status["latestRef"];
  if (!latest.is_object()) return api::Text(status["latestImage"]);
  return api::Text(latest["name"]) + ":" + api::Text(latest["tag"]);
}

}  // namespace

std::string RevisionOf(const Value& object) {
  const Value& status = object["status"];
  const absl::string_view kind = object["kind"].str();
  if (kind == "Kustomization") return api::Text(status["lastAppliedRevision"]);
  if (kind == "HelmRelease") return HelmRevision(status);
  if (kind == "ImagePolicy") return ImageReference(status);
  if (kind == "ImageRepository") return api::Text(status["lastScanResult"]["scanTime"]);
  if (kind == "ImageUpdateAutomation") return api::Text(status["lastAutomationRunTime"]);
  return api::Text(status["artifact"]["revision"]);
}

SyncStatus StatusOf(const Value& object) {
  const Value& status = object["status"];
  SyncStatus result;
  result.object = {api::Text(object["kind"]), kube::KeyOf(object)};
  result.group = kube::GvkOf(object).group;
  result.uid = std::string(kube::Uid(object));
  result.resource_version = std::string(kube::ResourceVersion(object));
  result.revision = RevisionOf(object);
  const auto conditions = api::Conditions::Decode(status["conditions"]);
  if (const api::Condition* ready = conditions.Find(api::kReady); ready != nullptr) {
    result.has_ready = true;
    result.ready = ready->status;
    result.reason = ready->reason;
    result.message = ready->message;
  }
  for (const api::Condition& condition : conditions.all()) {
    result.last_transition_time =
        std::max(result.last_transition_time, condition.last_transition_time);
  }
  if (std::string attempted = api::Text(status["lastAttemptedRevision"]);
      attempted != result.revision) {
    result.last_attempted_revision = std::move(attempted);
  }
  result.suspended = object["spec"]["suspend"].bool_or(false);
  result.reconciling = conditions.IsTrue(api::kReconciling);
  result.stalled = conditions.IsTrue(api::kStalled);
  result.generation = kube::Generation(object);
  result.observed_generation = status["observedGeneration"].int_or(0);
  result.last_handled_reconcile_at = api::Text(status["lastHandledReconcileAt"]);
  result.labels = api::TextMap(object["metadata"]["labels"]);
  return result;
}

}  // namespace sluice::sync_status
