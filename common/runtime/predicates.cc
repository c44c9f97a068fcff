// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/predicates.h"

#include "common/api/meta/names.h"

namespace sluice::runtime {

bool SpecOrRequestChanged(const Change& change) {
  if (change.before == nullptr || change.after == nullptr) return true;
  const Value& before = *change.before;
  const Value& after = *change.after;
  return kube::Uid(before) != kube::Uid(after) ||
         kube::Generation(before) != kube::Generation(after) ||
         kube::Deleting(before) != kube::Deleting(after) ||
         kube::Annotation(before, api::kReconcileRequestAnnotation) !=
             kube::Annotation(after, api::kReconcileRequestAnnotation);
}

bool AwaitsReconciliation(const Value& object) {
  const Value& status = object["status"];
  bool ready = false;
  for (const Value& condition : status["conditions"].items()) {
    ready |= condition["type"] == "Ready" && condition["status"] == "True";
  }
  return !ready || kube::Deleting(object) ||
         kube::Generation(object) != status["observedGeneration"].int_or(0) ||
         kube::Annotation(object, api::kReconcileRequestAnnotation) !=
             status["lastHandledReconcileAt"].str();
}

bool ArtifactChanged(const Change& change) {
  if (change.after == nullptr) return false;
  const Value& after = (*change.after)["status"]["artifact"];
  if (!after.is_object()) return false;
  if (change.before == nullptr) return true;
  const Value& before = (*change.before)["status"]["artifact"];
  return before["revision"] != after["revision"] || before["digest"] != after["digest"];
}

}  // namespace sluice::runtime
