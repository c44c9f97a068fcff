// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/triggers.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/helm/helm_release.h"
#include "common/api/meta/decode.h"
#include "common/api/meta/names.h"
#include "common/kube/object.h"
#include "common/runtime/predicates.h"

namespace sluice::helm_controller {
namespace {

bool IsReady(const Value& object) {
  const auto conditions = api::Conditions::Decode(object["status"]["conditions"]);
  return conditions.IsTrue(api::kReady) &&
         object["status"]["observedGeneration"].int_or(-1) == kube::Generation(object);
}

bool BecameReady(const runtime::Change& change) {
  return change.after != nullptr && IsReady(*change.after) &&
         (change.before == nullptr || !IsReady(*change.before));
}

// Whether the revision is released, or being released, already.
bool IsAt(const Value& release, const std::string& revision, const std::string& digest) {
  const auto status = api::HelmReleaseStatus::Decode(release["status"]);
  const bool active =
      status.conditions.IsTrue(api::kReady) || status.conditions.IsTrue(api::kReconciling);
  const bool same = status.last_attempted_revision == revision ||
                    (!status.last_attempted_revision_digest.empty() &&
                     (status.last_attempted_revision_digest == digest ||
                      absl::EndsWith(revision, status.last_attempted_revision_digest)));
  return active && same;
}

std::vector<std::string> TargetsOf(const Value& release) {
  const std::string ns(kube::Namespace(release));
  std::vector<std::string> targets = {api::ChartSourceOf(release).ToString()};
  for (const api::Dependency& dependency : api::HelmDependenciesOf(release)) {
    if (dependency.same_kind()) {
      targets.push_back(kube::Subject("HelmRelease", dependency.key));
    }
  }
  for (const Value& reference : release["spec"]["valuesFrom"].items()) {
    targets.push_back(kube::Subject(reference["kind"].str(), {ns, api::Text(reference["name"])}));
  }
  const Value& config = release["spec"]["kubeConfig"];
  if (const absl::string_view name = config["secretRef"]["name"].str(); !name.empty()) {
    targets.push_back(kube::Subject("Secret", {ns, std::string(name)}));
  }
  if (const absl::string_view name = config["configMapRef"]["name"].str(); !name.empty()) {
    targets.push_back(kube::Subject("ConfigMap", {ns, std::string(name)}));
  }
  return targets;
}

}  // namespace

Triggers::Triggers(runtime::Informer& releases, runtime::Controller& controller,
                   SourceStores& sources)
    : store_(releases.store()), controller_(controller), sources_(sources) {
  releases.AddHandler([this](const runtime::Change& change) { OnRelease(change); });
}

void Triggers::OnRelease(const runtime::Change& change) {
  const kube::ObjectKey key = kube::KeyOf(change.object());
  if (change.after == nullptr) {
    index_.Remove(key);
    return;
  }
  index_.Set(key, TargetsOf(*change.after));
  if (!BecameReady(change)) return;
  for (const kube::ObjectKey& dependent : index_.ReferrersOf(kube::Subject("HelmRelease", key))) {
    const kube::ObjectPtr object = store_.Find(dependent);
    if (object != nullptr && !IsReady(*object)) controller_.Wake(dependent);
  }
}

void Triggers::WatchSources(runtime::Informer& sources) {
  const std::string kind = sources.resource().kind;
  sources_.Add(kind, sources.store());
  sources.AddHandler([this, kind](const runtime::Change& change) {
    if (change.after == nullptr) {
      sources_.Forget({kind, kube::KeyOf(*change.before)});
      return;
    }
    if (!runtime::ArtifactChanged(change) && !BecameReady(change)) return;
    const Value& artifact = (*change.after)["status"]["artifact"];
    OnArtifact({kind, kube::KeyOf(*change.after)}, api::Text(artifact["revision"]),
               api::Text(artifact["digest"]));
  });
}

void Triggers::WatchConfigs(runtime::Informer& configs) {
  const std::string kind = configs.resource().kind;
  configs.AddHandler([this, kind](const runtime::Change& change) {
    for (const kube::ObjectKey& key :
         index_.ReferrersOf(kube::Subject(kind, kube::KeyOf(change.object())))) {
      controller_.Wake(key);
    }
  });
}

void Triggers::OnArtifact(const api::SourceReference& source, const std::string& revision,
                          const std::string& digest) {
  sources_.OnArtifact(source, digest);
  for (const kube::ObjectKey& key : index_.ReferrersOf(source.ToString())) {
    const kube::ObjectPtr object = store_.Find(key);
    if (object != nullptr && !IsAt(*object, revision, digest)) controller_.Wake(key);
  }
}

}  // namespace sluice::helm_controller
