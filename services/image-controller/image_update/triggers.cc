// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_update/triggers.h"

#include "common/api/image/image_update_automation.h"
#include "common/kube/object.h"
#include "common/runtime/predicates.h"

namespace sluice::image_controller {

AutomationTriggers::AutomationTriggers(runtime::Informer& automations,
                                       runtime::Controller& controller, runtime::Informer& policies,
                                       runtime::Informer& repositories)
    : store_(automations.store()), controller_(controller) {
  automations.AddHandler([this](const runtime::Change& change) {
    const kube::ObjectKey key = kube::KeyOf(change.object());
    if (change.after == nullptr) {
      index_.Remove(key);
    } else {
      index_.Set(key, {api::GitRepositoryOf(*change.after).ToString()});
    }
  });
  policies.AddHandler([this](const runtime::Change& change) { OnPolicy(change); });
  repositories.AddHandler([this](const runtime::Change& change) {
    const kube::ObjectKey key = kube::KeyOf(change.object());
    const bool spec_changed = change.before == nullptr || change.after == nullptr ||
                              kube::Generation(*change.before) != kube::Generation(*change.after);
    if (spec_changed) {
      for (const kube::ObjectKey& automation : index_.ReferrersOf(key.ToString())) {
        controller_.Wake(automation);
      }
    } else if (runtime::ArtifactChanged(change)) {
      OnArtifact({"GitRepository", key},
                 std::string((*change.after)["status"]["artifact"]["revision"].str()));
    }
  });
}

void AutomationTriggers::OnPolicy(const runtime::Change& change) {
  if (change.after == nullptr) return;
  const Value& latest = (*change.after)["status"]["latestRef"];
  if (!latest.is_object()) return;
  if (change.before != nullptr && (*change.before)["status"]["latestRef"] == latest) return;
  for (const kube::ObjectPtr& automation : store_.List(kube::Namespace(*change.after))) {
    controller_.Wake(kube::KeyOf(*automation));
  }
}

void AutomationTriggers::OnArtifact(const api::SourceReference& source,
                                    const std::string& revision) {
  if (source.kind != "GitRepository") return;
  for (const kube::ObjectKey& key : index_.ReferrersOf(source.key.ToString())) {
    const kube::ObjectPtr automation = store_.Find(key);
    if (automation == nullptr) continue;
    // Whoever has not run yet, or is to run again, is not helped by another run.
    const absl::string_view observed = (*automation)["status"]["observedSourceRevision"].str();
    if (!observed.empty() && observed != revision) controller_.Wake(key);
  }
}

}  // namespace sluice::image_controller
