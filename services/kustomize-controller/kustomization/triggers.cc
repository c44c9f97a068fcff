// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/triggers.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/kustomize/kustomization.h"
#include "common/api/meta/names.h"
#include "common/kube/object.h"
#include "common/runtime/predicates.h"
#include "services/kustomize-controller/kustomization/prune.h"

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

// A watch is not expected to lag behind longer than this.
constexpr absl::Duration kWatchLag = absl::Seconds(5);

// Whether `revision` is applied, or being applied, already.
bool IsAt(const Value& kustomization, const std::string& revision) {
  const auto status = api::KustomizationStatus::Decode(kustomization["status"]);
  return status.last_attempted_revision == revision &&
         (status.conditions.IsTrue(api::kReady) || status.conditions.IsTrue(api::kReconciling));
}

// The ConfigMaps and Secrets that a Kustomization refers to, as "Kind/ns/name".
std::vector<std::string> ConfigsOf(const Value& kustomization) {
  const Value& spec = kustomization["spec"];
  std::vector<std::string> subjects;
  const auto add = [&](absl::string_view kind, const Value& reference) {
    const std::string name(reference["name"].str());
    if (name.empty()) return;
    subjects.push_back(kube::Subject(kind, {std::string(kube::Namespace(kustomization)), name}));
  };
  add("Secret", spec["kubeConfig"]["secretRef"]);
  add("ConfigMap", spec["kubeConfig"]["configMapRef"]);
  add("Secret", spec["decryption"]["secretRef"]);
  for (const Value& from : spec["postBuild"]["substituteFrom"].items()) {
    add(from["kind"].str(), from);
  }
  return subjects;
}

}  // namespace

Triggers::Triggers(runtime::Informer& kustomizations, runtime::Controller& controller,
                   Sources& sources, Memories& memories, Clock& clock)
    : store_(kustomizations.store()),
      controller_(controller),
      sources_(sources),
      memories_(memories),
      clock_(clock) {
  kustomizations.AddHandler([this](const runtime::Change& change) { OnKustomization(change); });
}

void Triggers::OnKustomization(const runtime::Change& change) {
  const kube::ObjectKey key = kube::KeyOf(change.object());
  if (change.after == nullptr) {
    index_.Remove(key);
    return;
  }
  std::vector<std::string> targets = ConfigsOf(*change.after);
  targets.push_back(api::SourceOf(*change.after).ToString());
  for (const api::Dependency& dependency : api::DependenciesOf(*change.after)) {
    if (dependency.same_kind()) {
      targets.push_back(kube::Subject("Kustomization", dependency.key));
    }
  }
  index_.Set(key, std::move(targets));
  if (change.before != nullptr && kube::Annotation(*change.before, kPruneConfirmedAnnotation) !=
                                      kube::Annotation(*change.after, kPruneConfirmedAnnotation)) {
    controller_.Wake(key);
  }
  if (BecameReady(change)) WakeDependents(key);
}

void Triggers::WakeDependents(const kube::ObjectKey& kustomization) {
  for (const kube::ObjectKey& dependent :
       index_.ReferrersOf(kube::Subject("Kustomization", kustomization))) {
    const kube::ObjectPtr object = store_.Find(dependent);
    if (object != nullptr && !IsReady(*object)) controller_.Wake(dependent);
  }
}

void Triggers::Watch(runtime::Informer& sources) {
  const std::string kind = sources.resource().kind;
  sources_.Add(kind, sources.store());
  sources.AddHandler([this, kind](const runtime::Change& change) {
    if (!runtime::ArtifactChanged(change)) return;
    const auto artifact = api::Artifact::Decode((*change.after)["status"]["artifact"]);
    if (artifact.has_value()) OnArtifact({kind, kube::KeyOf(*change.after)}, *artifact);
  });
}

void Triggers::Watch(ConfigWatch& configs) {
  configs.SetHandler([this](const std::string& subject) { OnConfig(subject); });
}

void Triggers::OnConfig(const std::string& subject) {
  for (const kube::ObjectKey& key : index_.ReferrersOf(subject)) {
    memories_.Of(key)->NoteConfigChange(subject);
    controller_.Wake(key);
  }
}

void Triggers::OnArtifact(const api::SourceReference& source, const api::Artifact& artifact) {
  const std::string name = source.ToString();
  const std::string version = ArtifactVersion(artifact);
  sources_.OnArtifact(source, artifact);
  {
    absl::MutexLock lock(&mutex_);
    std::string& announced = announced_[name];
    if (announced == version) return;
    announced = version;
  }
  for (const kube::ObjectKey& key : index_.ReferrersOf(name)) {
    const kube::ObjectPtr object = store_.Find(key);
    const auto memory = memories_.Find(key);
    const bool at_it = memory != nullptr && memory->shared().attempted == version;
    if (object != nullptr && !at_it && !IsAt(*object, artifact.revision)) controller_.Wake(key);
  }
}

void Triggers::OnLiveChange(const live_objects::LiveChange& change) {
  const auto memory = memories_.Find(change.owner);
  if (memory == nullptr) return;
  const Memory::Shared shared = memory->shared();
  const bool is_current =
      change.facts.has_value() && change.facts->readiness == ssa::Readiness::kCurrent;
  const bool may_end_a_wait = shared.awaits_health && (!shared.health_failed || is_current);
  const bool was_overlooked =
      clock_.Now() - shared.confirmed < kWatchLag &&
      shared.applied->Contradicts(change.resource, change.key, change.facts);
  if (may_end_a_wait || was_overlooked) controller_.Wake(change.owner);
}

}  // namespace sluice::kustomize_controller
