// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/session.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/crypto/digest.h"
#include "common/helm_release/ordered_json.h"
#include "common/helm_rendering/values.h"
#include "common/kube/object.h"
#include "services/helm-controller/action/environment.h"

namespace sluice::helm_controller {
namespace {

using api::ConditionStatus;
using helm_release::OrderedJson;

std::string DigestOf(const std::string& json) {
  return absl::StrCat("sha256:", crypto::Sha256Hex(absl::StrCat(json, "\n")));
}

std::string ObjectJson(const Value& object, std::initializer_list<absl::string_view> keys) {
  OrderedJson json;
  for (const absl::string_view key : keys) json.AddUnlessEmpty(key, object[key]);
  return json.ToString();
}

std::string PatchJson(const Value& patch) {
  OrderedJson json;
  json.Add("patch", patch["patch"]);
  if (patch["target"].is_object()) {
    json.Raw("target", ObjectJson(patch["target"], {"group", "version", "kind", "namespace", "name",
                                                    "annotationSelector", "labelSelector"}));
  }
  return json.ToString();
}

std::string ImageJson(const Value& image) {
  OrderedJson json;
  json.Add("name", image["name"]);
  for (const absl::string_view key : {"newName", "newTag", "digest"}) {
    json.AddUnlessEmpty(key, image[key]);
  }
  return json.ToString();
}

std::string KustomizeJson(const Value& kustomize) {
  OrderedJson json;
  std::vector<std::string> patches;
  for (const Value& patch : kustomize["patches"].items()) patches.push_back(PatchJson(patch));
  std::vector<std::string> images;
  for (const Value& image : kustomize["images"].items()) images.push_back(ImageJson(image));
  if (!patches.empty()) json.Raw("patches", helm_release::JsonList(patches));
  if (!images.empty()) json.Raw("images", helm_release::JsonList(images));
  return json.ToString();
}

// Whole seconds, as metav1.Time keeps them.
std::string WholeSeconds(const std::string& text) {
  const auto time = ParseRfc3339(text);
  return time.ok() ? FormatRfc3339(*time) : "";
}

}  // namespace

Session::Session(kube::Client& client, runtime::EventRecorder& events, Clock& clock, Value object)
    : status(api::HelmReleaseStatus::Decode(object["status"])),
      events_(events),
      clock_(clock),
      object_(std::move(object)),
      writer_(client, api::KindOrDie("HelmRelease"), object_, kFieldManager, kOwnedConditions) {}

kube::ObjectKey Session::key() const { return kube::KeyOf(object_); }
int64_t Session::generation() const { return kube::Generation(object_); }

void Session::Set(absl::string_view type, ConditionStatus condition, absl::string_view reason,
                  absl::string_view message) {
  status.conditions.Set(type, condition, reason, secrets.Masked(message), generation(),
                        clock_.Now());
}

absl::Status Session::Untold(const absl::Status& error) const {
  return WithMessage(error, secrets.Masked(error.message()));
}

void Session::Stall(absl::string_view reason, absl::string_view message) {
  status.conditions.Delete(api::kReconciling);
  Set(api::kStalled, ConditionStatus::kTrue, reason, message);
}

void Session::Reconciling(absl::string_view reason, absl::string_view message) {
  status.conditions.Delete(api::kStalled);
  Set(api::kReconciling, ConditionStatus::kTrue, reason, message);
}

void Session::Passed(absl::string_view reason) {
  const api::Condition* ready = status.conditions.Find(api::kReady);
  if (ready != nullptr && ready->status == ConditionStatus::kFalse && ready->reason == reason) {
    Ready(ConditionStatus::kUnknown, api::kProgressingReason, "reconciliation in progress");
  }
}

void Session::Summarize() {
  api::Conditions& conditions = status.conditions;
  if (!spec.test.enable) conditions.Delete("TestSuccess");
  const api::Remediation& remediation = status.last_attempted_release_action == "install"
                                            ? spec.install.remediation
                                            : spec.upgrade.remediation;
  const bool ignore_tests = remediation.ignore_test_failures.value_or(spec.test.ignore_failures);
  std::vector<const api::Condition*> candidates;
  for (const char* type : {"Remediated", "TestSuccess", "Released"}) {
    if (absl::string_view(type) == "TestSuccess" && ignore_tests) continue;
    if (const api::Condition* found = conditions.Find(type)) candidates.push_back(found);
  }
  if (!candidates.empty()) {
    const api::Condition source =
        **std::max_element(candidates.begin(), candidates.end(), [](const auto* a, const auto* b) {
          return a->observed_generation < b->observed_generation;
        });
    const ConditionStatus ready =
        source.type == "Remediated" ? ConditionStatus::kFalse : source.status;
    Ready(ready, source.reason, source.message);
    if (ready == ConditionStatus::kTrue) conditions.Delete(api::kStalled);
  }
  status.observed_post_renderers_digest = PostRenderersDigest();
  status.observed_common_metadata_digest = CommonMetadataDigest();
}

absl::Status Session::Patch(const Context& ctx) { return writer_.Patch(ctx, status.Encode()); }

runtime::EventRecorder::Metadata Session::MetadataOf(const api::Snapshot& snapshot) const {
  const std::string group = api::kHelmGroup;
  runtime::EventRecorder::Metadata metadata;
  const auto set = [&](absl::string_view key, const std::string& text) {
    if (!text.empty()) metadata[absl::StrCat(group, "/", key)] = text;
  };
  set("revision", snapshot.chart_version);
  set("token", snapshot.config_digest);
  set("app-version", snapshot.app_version);
  set("oci-digest", snapshot.oci_digest);
  return metadata;
}

void Session::Event(runtime::Severity severity, absl::string_view reason, absl::string_view message,
                    runtime::EventRecorder::Metadata metadata) {
  events_.Record(object_, severity, reason, secrets.Masked(message), std::move(metadata));
}

std::string Session::PostRenderersDigest() const {
  const Value& list = spec.raw["postRenderers"];
  if (list.empty()) return "";
  std::vector<std::string> items;
  for (const Value& item : list.items()) {
    OrderedJson json;
    if (item["kustomize"].is_object()) json.Raw("kustomize", KustomizeJson(item["kustomize"]));
    items.push_back(json.ToString());
  }
  return DigestOf(helm_release::JsonList(items));
}

std::string Session::CommonMetadataDigest() const {
  const Value& metadata = spec.raw["commonMetadata"];
  if (!metadata.is_object()) return "";
  return DigestOf(ObjectJson(metadata, {"annotations", "labels"}));
}

api::Snapshot SnapshotOf(const helm_release::Record& record, const std::string& oci_digest,
                         const std::string& config_digest, const std::string& digest_algorithm) {
  api::Snapshot snapshot;
  snapshot.api_version = "v2";
  // The algorithm was checked when the process started.
  snapshot.digest =
      helm_release::ObservationDigest(record, oci_digest, digest_algorithm).value_or("");
  snapshot.name = record.name;
  snapshot.ns = record.ns;
  snapshot.version = record.version;
  snapshot.status = std::string(helm_release::ToText(record.info.status));
  snapshot.chart_name = record.chart_name();
  snapshot.chart_version = record.chart_version();
  snapshot.app_version = record.app_version();
  snapshot.config_digest = config_digest;
  snapshot.first_deployed = WholeSeconds(record.info.first_deployed);
  snapshot.last_deployed = WholeSeconds(record.info.last_deployed);
  snapshot.deleted = WholeSeconds(record.info.deleted);
  snapshot.oci_digest = oci_digest;
  return snapshot;
}

}  // namespace sluice::helm_controller
