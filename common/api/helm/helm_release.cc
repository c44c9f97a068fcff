// SPDX-License-Identifier: Apache-2.0
#include "common/api/helm/helm_release.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/decode.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/kube/object.h"

namespace sluice::api {
namespace {

constexpr size_t kLongestReleaseName = 53;
constexpr size_t kKeptOfName = 40;
constexpr size_t kHashOfName = 12;

std::optional<bool> OptionalBool(const Value& value) {
  if (!value.is_bool()) return std::nullopt;
  return value.bool_or(false);
}

CrdPolicy ParseCrdPolicy(absl::string_view text) {
  if (text == "Skip") return CrdPolicy::kSkip;
  if (text == "CreateReplace") return CrdPolicy::kCreateReplace;
  return CrdPolicy::kCreate;
}

// A boolean for install, an enumeration for the others.
ApplyMode ParseApplyMode(const Value& value) {
  if (value.is_bool()) return value.bool_or(true) ? ApplyMode::kEnabled : ApplyMode::kDisabled;
  if (value.str() == "enabled") return ApplyMode::kEnabled;
  if (value.str() == "disabled") return ApplyMode::kDisabled;
  return ApplyMode::kAuto;
}

absl::Status DecodeAction(const Value& value, const std::string& field, absl::Duration timeout,
                          HelmActionSpec& action) {
  ASSIGN_OR_RETURN(action.timeout,
                   DurationField(value["timeout"], absl::StrCat(field, ".timeout"), timeout));
  action.disable_wait = value["disableWait"].bool_or(false);
  action.disable_wait_for_jobs = value["disableWaitForJobs"].bool_or(false);
  action.disable_hooks = value["disableHooks"].bool_or(false);
  action.disable_schema_validation = value["disableSchemaValidation"].bool_or(false);
  action.disable_take_ownership = value["disableTakeOwnership"].bool_or(false);
  action.force = value["force"].bool_or(false);
  action.cleanup_on_fail = value["cleanupOnFail"].bool_or(false);
  action.server_side_apply = ParseApplyMode(value["serverSideApply"]);
  action.crds = ParseCrdPolicy(value["crds"].str());
  const Value& remediation = value["remediation"];
  action.remediation.retries = remediation["retries"].int_or(0);
  action.remediation.ignore_test_failures = OptionalBool(remediation["ignoreTestFailures"]);
  action.remediation.remediate_last_failure = OptionalBool(remediation["remediateLastFailure"]);
  action.remediation.uninstall = remediation["strategy"].str() == "uninstall";
  action.retry_on_failure = value["strategy"]["name"].str() == "RetryOnFailure";
  ASSIGN_OR_RETURN(action.retry_interval,
                   DurationField(value["strategy"]["retryInterval"],
                                 absl::StrCat(field, ".strategy.retryInterval"), absl::Minutes(5)));
  return absl::OkStatus();
}

std::vector<ValuesReference> DecodeValuesFrom(const Value& list) {
  std::vector<ValuesReference> result;
  for (const Value& item : list.items()) {
    result.push_back({Text(item["kind"]), Text(item["name"]),
                      OrDefault(item["valuesKey"], "values.yaml"), Text(item["targetPath"]),
                      item["optional"].bool_or(false), item["literal"].bool_or(false)});
  }
  return result;
}

absl::Status DecodeTest(const Value& value, absl::Duration timeout, TestSpec& test) {
  test.enable = value["enable"].bool_or(false);
  test.ignore_failures = value["ignoreFailures"].bool_or(false);
  ASSIGN_OR_RETURN(test.timeout, DurationField(value["timeout"], "spec.test.timeout", timeout));
  for (const Value& filter : value["filters"].items()) {
    test.filters.push_back({Text(filter["name"]), filter["exclude"].bool_or(false)});
  }
  return absl::OkStatus();
}

absl::Status DecodeUninstall(const Value& value, absl::Duration timeout, UninstallSpec& uninstall) {
  ASSIGN_OR_RETURN(uninstall.timeout,
                   DurationField(value["timeout"], "spec.uninstall.timeout", timeout));
  uninstall.disable_hooks = value["disableHooks"].bool_or(false);
  uninstall.disable_wait = value["disableWait"].bool_or(false);
  uninstall.keep_history = value["keepHistory"].bool_or(false);
  uninstall.deletion_propagation = OrDefault(value["deletionPropagation"], "background");
  return absl::OkStatus();
}

DriftMode ParseDriftMode(absl::string_view text) {
  if (text == "warn") return DriftMode::kWarn;
  if (text == "enabled") return DriftMode::kEnabled;
  return DriftMode::kDisabled;
}

void SetText(absl::string_view key, const std::string& text, Value& object) {
  if (!text.empty()) object.Set(key, text);
}

void SetCount(absl::string_view key, int64_t count, Value& object) {
  if (count != 0) object.Set(key, count);
}

}  // namespace

std::string ShortenReleaseName(const std::string& name) {
  if (name.size() <= kLongestReleaseName) return name;
  const std::string hash = absl::BytesToHexString(crypto::Digest(crypto::Algorithm::kSha256, name));
  return absl::StrCat(name.substr(0, kKeptOfName), "-", hash.substr(0, kHashOfName));
}

std::string HelmChartOf(const Value& release) {
  const Value& chart = release["spec"]["chart"];
  if (!chart.is_object() || release["spec"]["chartRef"].is_object()) return "";
  const std::string ns(kube::Namespace(release));
  return absl::StrCat(OrDefault(chart["spec"]["sourceRef"]["namespace"], ns), "/", ns, "-",
                      kube::Name(release));
}

SourceReference ChartSourceOf(const Value& release) {
  const std::string ns(kube::Namespace(release));
  const Value& reference = release["spec"]["chartRef"];
  if (reference.is_object()) {
    return {Text(reference["kind"]),
            {OrDefault(reference["namespace"], ns), Text(reference["name"])}};
  }
  const Value& source = release["spec"]["chart"]["spec"]["sourceRef"];
  return {"HelmChart",
          {OrDefault(source["namespace"], ns), absl::StrCat(ns, "-", kube::Name(release))}};
}

std::vector<Dependency> HelmDependenciesOf(const Value& release) {
  return DecodeDependencies(kHelmGroup, "HelmRelease", std::string(kube::Namespace(release)),
                            release["spec"]["dependsOn"]);
}

absl::StatusOr<HelmReleaseSpec> DecodeHelmReleaseSpec(const kube::ObjectKey& key,
                                                      const Value& spec) {
  HelmReleaseSpec result;
  result.raw = spec;
  ASSIGN_OR_RETURN(result.interval,
                   DurationField(spec["interval"], "spec.interval", absl::Minutes(5)));
  ASSIGN_OR_RETURN(result.timeout,
                   DurationField(spec["timeout"], "spec.timeout", absl::Minutes(5)));
  result.suspend = spec["suspend"].bool_or(false);
  result.has_target_namespace = !spec["targetNamespace"].str().empty();
  result.target_namespace = OrDefault(spec["targetNamespace"], key.ns);
  result.storage_namespace = OrDefault(spec["storageNamespace"], key.ns);
  result.long_name = Text(spec["releaseName"]);
  if (result.long_name.empty()) {
    result.long_name = result.has_target_namespace
                           ? absl::StrCat(result.target_namespace, "-", key.name)
                           : key.name;
  }
  result.release_name = ShortenReleaseName(result.long_name);
  result.max_history = spec["maxHistory"].int_or(5);
  result.depends_on = DecodeDependencies(kHelmGroup, "HelmRelease", key.ns, spec["dependsOn"]);
  result.service_account_name = Text(spec["serviceAccountName"]);
  result.values = spec["values"];
  result.values_from = DecodeValuesFrom(spec["valuesFrom"]);
  RETURN_IF_ERROR(DecodeAction(spec["install"], "spec.install", result.timeout, result.install));
  if (spec["install"]["serverSideApply"].is_null()) {
    result.install.server_side_apply = ApplyMode::kEnabled;
  }
  result.install.create_namespace = spec["install"]["createNamespace"].bool_or(false);
  result.install.replace = spec["install"]["replace"].bool_or(false);
  result.install.remediation.uninstall = true;
  RETURN_IF_ERROR(DecodeAction(spec["upgrade"], "spec.upgrade", result.timeout, result.upgrade));
  result.upgrade.preserve_values = spec["upgrade"]["preserveValues"].bool_or(false);
  result.upgrade.in_place_chart_name_change =
      spec["upgrade"]["chartNameChangeStrategy"].str() == "InPlaceUpdate";
  RETURN_IF_ERROR(DecodeAction(spec["rollback"], "spec.rollback", result.timeout, result.rollback));
  RETURN_IF_ERROR(DecodeTest(spec["test"], result.timeout, result.test));
  RETURN_IF_ERROR(DecodeUninstall(spec["uninstall"], result.timeout, result.uninstall));
  result.drift_mode = ParseDriftMode(spec["driftDetection"]["mode"].str());
  result.drift_ignore = spec["driftDetection"]["ignore"];
  result.post_render_strategy = Text(spec["postRenderStrategy"]);
  result.legacy_wait = spec["waitStrategy"]["name"].str() == "legacy";
  return result;
}

HelmReleaseStatus HelmReleaseStatus::Decode(const Value& status) {
  HelmReleaseStatus result;
  result.observed_generation = status["observedGeneration"].int_or(-1);
  result.conditions = Conditions::Decode(status["conditions"]);
  result.helm_chart = Text(status["helmChart"]);
  result.storage_namespace = Text(status["storageNamespace"]);
  for (const Value& entry : status["history"].items()) {
    result.history.push_back(Snapshot::Decode(entry));
  }
  result.inventory = status["inventory"];
  result.last_attempted_generation = status["lastAttemptedGeneration"].int_or(0);
  result.last_attempted_revision = Text(status["lastAttemptedRevision"]);
  result.last_attempted_revision_digest = Text(status["lastAttemptedRevisionDigest"]);
  result.last_attempted_config_digest = Text(status["lastAttemptedConfigDigest"]);
  result.last_attempted_release_action = Text(status["lastAttemptedReleaseAction"]);
  result.last_attempted_release_action_duration =
      Text(status["lastAttemptedReleaseActionDuration"]);
  result.failures = status["failures"].int_or(0);
  result.install_failures = status["installFailures"].int_or(0);
  result.upgrade_failures = status["upgradeFailures"].int_or(0);
  result.observed_post_renderers_digest = Text(status["observedPostRenderersDigest"]);
  result.observed_common_metadata_digest = Text(status["observedCommonMetadataDigest"]);
  result.last_handled_reconcile_at = Text(status["lastHandledReconcileAt"]);
  result.last_handled_force_at = Text(status["lastHandledForceAt"]);
  result.last_handled_reset_at = Text(status["lastHandledResetAt"]);
  return result;
}

Value HelmReleaseStatus::Encode() const {
  Value status = {{"observedGeneration", observed_generation}};
  if (!conditions.all().empty()) status.Set("conditions", conditions.Encode());
  SetText("helmChart", helm_chart, status);
  SetText("storageNamespace", storage_namespace, status);
  for (const Snapshot& snapshot : history) {
    if (!status.Has("history")) status.Set("history", Value::EmptyArray());
    status.FindMutable("history")->Append(snapshot.Encode());
  }
  if (!inventory.is_null()) status.Set("inventory", inventory);
  SetCount("lastAttemptedGeneration", last_attempted_generation, status);
  SetText("lastAttemptedRevision", last_attempted_revision, status);
  SetText("lastAttemptedRevisionDigest", last_attempted_revision_digest, status);
  SetText("lastAttemptedConfigDigest", last_attempted_config_digest, status);
  SetText("lastAttemptedReleaseAction", last_attempted_release_action, status);
  SetText("lastAttemptedReleaseActionDuration", last_attempted_release_action_duration, status);
  SetCount("failures", failures, status);
  SetCount("installFailures", install_failures, status);
  SetCount("upgradeFailures", upgrade_failures, status);
  SetText("observedPostRenderersDigest", observed_post_renderers_digest, status);
  SetText("observedCommonMetadataDigest", observed_common_metadata_digest, status);
  SetText("lastHandledReconcileAt", last_handled_reconcile_at, status);
  SetText("lastHandledForceAt", last_handled_force_at, status);
  SetText("lastHandledResetAt", last_handled_reset_at, status);
  return status;
}

}  // namespace sluice::api
