// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/triggers.h"

#include <vector>

#include "common/api/kustomize/kustomization.h"
#include "common/api/meta/names.h"
#include "common/kube/object.h"
#include "common/runtime/predicates.h"

namespace sluice::kustomize_controller {
namespace {

bool IsReady(const Value& kustomization) {
  const auto status = api::KustomizationStatus::Decode(kustomization["status"]);
  return status.conditions.IsTrue(api::kReady) &&
         status.observed_generation == kube::Generation(kustomization);
}

// Whether others may have waited for this change.
bool BecameReady(const runtime::Change& change) {
  if (change.after == nullptr || !IsReady(*change.after)) return false;
  return change.before == nullptr || !IsReady(*change.before) ||
         (*change.before)["status"]["lastAppliedRevision"] !=
             (*change.after)["status"]["lastAppliedRevision"];
}

// Whether `revision` is applied, or being applied, already.
bool IsAt(const Value& kustomization, const std::string& revision) {
  const auto status = api::KustomizationStatus::Decode(kustomization["status"]);
  return status.last_attempted_revision == revision &&
         (status.conditions.IsTrue(api::kReady) || status.conditions.IsTrue(api::kReconciling));
}

}  // namespace

Triggers::Triggers(runtime::Informer& kustomizations, runtime::Controller& controller)
    : store_(kustomizations.store()), controller_(controller) {
  kustomizations.AddHandler([this](const runtime::Change& change) { OnKustomization(change); });
}

void Triggers::OnKustomization(const runtime::Change& change) {
  const kube::ObjectKey key = kube::KeyOf(change.object());
  if (change.after == nullptr) {
    index_.Remove(key);
    return;
  }
  std::vector<std::string> targets = {api::SourceOf(*change.after).ToString()};
  for (const api::Dependency& dependency : api::DependenciesOf(*change.after)) {
    targets.push_back(kube::Subject("Kustomization", dependency.key));
  }
  index_.Set(key, std::move(targets));
  if (!BecameReady(change)) return;
  for (const kube::ObjectKey& dependent : index_.ReferrersOf(kube::Subject("Kustomization", key))) {
    const kube::ObjectPtr object = store_.Find(dependent);
    if (object != nullptr && !IsReady(*object)) controller_.Wake(dependent);
  }
}

void Triggers::Watch(runtime::Informer& sources) {
  const std::string kind = sources.resource().kind;
  sources.AddHandler([this, kind](const runtime::Change& change) {
    if (!runtime::ArtifactChanged(change)) return;
    OnArtifact({kind, kube::KeyOf(*change.after)},
               std::string((*change.after)["status"]["artifact"]["revision"].str()));
  });
}

void Triggers::OnArtifact(const api::SourceReference& source, const std::string& revision) {
  for (const kube::ObjectKey& key : index_.ReferrersOf(source.ToString())) {
    const kube::ObjectPtr object = store_.Find(key);
    if (object != nullptr && !IsAt(*object, revision)) controller_.Wake(key);
  }
}

}  // namespace sluice::kustomize_controller
