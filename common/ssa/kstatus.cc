// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/kstatus.h"

#include <limits>

#include "absl/container/flat_hash_map.h"
#include "common/base/duration.h"
#include "common/kube/object.h"

namespace sluice::ssa {
namespace {

constexpr absl::Duration kUnschedulableGrace = absl::Seconds(15);

const Value* FindCondition(const Value& object, absl::string_view type) {
  for (const Value& condition : object["status"]["conditions"].items()) {
    if (condition["type"].str() == type) return &condition;
  }
  return nullptr;
}

bool ConditionIs(const Value& object, absl::string_view type, absl::string_view status) {
  const Value* condition = FindCondition(object, type);
  return condition != nullptr && (*condition)["status"].str() == status;
}

Readiness CurrentIf(bool current) { return current ? Readiness::kCurrent : Readiness::kInProgress; }

int64_t Number(const Value& object, absl::string_view field, int64_t fallback = 0) {
  return object[field].int_or(fallback);
}

Readiness Always(const Value&, absl::Time) { return Readiness::kCurrent; }

Readiness OfService(const Value& object, absl::Time) {
  const Value& spec = object["spec"];
  return CurrentIf(spec["type"].str() != "LoadBalancer" || !spec["clusterIP"].str().empty());
}

Readiness OfClaim(const Value& object, absl::Time) {
  return CurrentIf(object["status"]["phase"].str() == "Bound");
}

bool HasCrashLoop(const Value& status) {
  for (const char* list : {"containerStatuses", "initContainerStatuses"}) {
    for (const Value& container : status[list].items()) {
      if (container["state"]["waiting"]["reason"].str() == "CrashLoopBackOff") return true;
    }
  }
  return false;
}

Readiness OfPod(const Value& object, absl::Time now) {
  const Value& status = object["status"];
  const absl::string_view phase = status["phase"].str();
  // A failed Pod is over, not unready: what owns it reports the failure.
  if (phase == "Succeeded" || phase == "Failed") return Readiness::kCurrent;
  if (phase == "Running") {
    if (ConditionIs(object, "Ready", "True")) return Readiness::kCurrent;
    return HasCrashLoop(status) ? Readiness::kFailed : Readiness::kInProgress;
  }
  if (phase == "Pending") {
    const Value* scheduled = FindCondition(object, "PodScheduled");
    if (scheduled != nullptr && (*scheduled)["status"].str() == "False" &&
        (*scheduled)["reason"].str() == "Unschedulable") {
      const auto since = ParseRfc3339((*scheduled)["lastTransitionTime"].str());
      if (since.ok() && now - *since > kUnschedulableGrace) return Readiness::kFailed;
    }
    return Readiness::kInProgress;
  }
  return phase.empty() ? Readiness::kInProgress : Readiness::kUnknown;
}

Readiness OfDeployment(const Value& object, absl::Time) {
  const Value& spec = object["spec"];
  const Value& status = object["status"];
  const Value* progressing = FindCondition(object, "Progressing");
  if (progressing != nullptr && (*progressing)["reason"].str() == "ProgressDeadlineExceeded") {
    return Readiness::kFailed;
  }
  const int64_t wanted = Number(spec, "replicas", 1);
  const int64_t total = Number(status, "replicas");
  const int64_t updated = Number(status, "updatedReplicas");
  const int64_t deadline =
      Number(spec, "progressDeadlineSeconds", std::numeric_limits<int32_t>::max());
  const bool rolled_out = deadline == std::numeric_limits<int32_t>::max() ||
                          (progressing != nullptr && (*progressing)["status"].str() == "True" &&
                           (*progressing)["reason"].str() == "NewReplicaSetAvailable");
  return CurrentIf(wanted <= total && wanted <= updated && total <= wanted &&
                   updated <= Number(status, "availableReplicas") &&
                   wanted <= Number(status, "readyReplicas") && rolled_out &&
                   ConditionIs(object, "Available", "True"));
}

Readiness OfReplicaSet(const Value& object, absl::Time) {
  const Value& status = object["status"];
  if (ConditionIs(object, "ReplicaFailure", "True")) return Readiness::kInProgress;
  const int64_t wanted = Number(object["spec"], "replicas", 1);
  return CurrentIf(wanted <= Number(status, "fullyLabeledReplicas") &&
                   wanted <= Number(status, "availableReplicas") &&
                   wanted <= Number(status, "readyReplicas") &&
                   Number(status, "replicas") <= wanted);
}

Readiness OfDaemonSet(const Value& object, absl::Time) {
  const Value& status = object["status"];
  if (!object["metadata"].Has("generation") || !status.Has("observedGeneration") ||
      !status.Has("desiredNumberScheduled")) {
    return Readiness::kInProgress;
  }
  const int64_t wanted = Number(status, "desiredNumberScheduled");
  return CurrentIf(wanted <= Number(status, "currentNumberScheduled") &&
                   wanted <= Number(status, "updatedNumberScheduled") &&
                   wanted <= Number(status, "numberAvailable") &&
                   wanted <= Number(status, "numberReady"));
}

Readiness OfStatefulSet(const Value& object, absl::Time) {
  const Value& spec = object["spec"];
  const Value& status = object["status"];
  if (spec["updateStrategy"]["type"].str() == "OnDelete") return Readiness::kCurrent;
  const int64_t wanted = Number(spec, "replicas", 1);
  const int64_t total = Number(status, "replicas");
  if (wanted > total || wanted > Number(status, "readyReplicas") || total > wanted) {
    return Readiness::kInProgress;
  }
  const Value& partition = spec["updateStrategy"]["rollingUpdate"]["partition"];
  if (partition.int_or(0) > 0) {
    return CurrentIf(Number(status, "updatedReplicas") >= wanted - partition.int_or(0));
  }
  return CurrentIf(wanted <= Number(status, "currentReplicas") &&
                   status["currentRevision"].str() == status["updateRevision"].str());
}

// Flux's own rule: a running Job is not ready yet.
Readiness OfJob(const Value& object, absl::Time) {
  if (object["spec"]["suspend"].bool_or(false)) return Readiness::kCurrent;
  if (ConditionIs(object, "Complete", "True")) return Readiness::kCurrent;
  if (ConditionIs(object, "Failed", "True")) return Readiness::kFailed;
  return Readiness::kInProgress;
}

Readiness OfDefinition(const Value& object, absl::Time) {
  if (ConditionIs(object, "NamesAccepted", "False")) return Readiness::kFailed;
  const Value* established = FindCondition(object, "Established");
  if (established == nullptr) return Readiness::kInProgress;
  if ((*established)["status"].str() == "False" && (*established)["reason"].str() != "Installing") {
    return Readiness::kFailed;
  }
  return CurrentIf((*established)["status"].str() == "True");
}

Readiness OfOther(const Value& object, absl::Time) {
  const Value* ready = FindCondition(object, "Ready");
  return CurrentIf(ready == nullptr || (*ready)["status"].str() == "True");
}

using Rule = Readiness (*)(const Value& object, absl::Time now);

Rule RuleFor(const std::string& group_kind) {
  static const auto* const kRules = new absl::flat_hash_map<std::string, Rule>{
      {"ConfigMap", Always},
      {"Secret", Always},
      {"CronJob.batch", Always},
      {"PodDisruptionBudget.policy", Always},
      {"Service", OfService},
      {"PersistentVolumeClaim", OfClaim},
      {"Pod", OfPod},
      {"Deployment.apps", OfDeployment},
      {"Deployment.extensions", OfDeployment},
      {"ReplicaSet.apps", OfReplicaSet},
      {"ReplicaSet.extensions", OfReplicaSet},
      {"DaemonSet.apps", OfDaemonSet},
      {"DaemonSet.extensions", OfDaemonSet},
      {"StatefulSet.apps", OfStatefulSet},
      {"Job.batch", OfJob},
      {"CustomResourceDefinition.apiextensions.k8s.io", OfDefinition},
  };
  const auto it = kRules->find(group_kind);
  return it == kRules->end() ? OfOther : it->second;
}

}  // namespace

absl::string_view ReadinessName(Readiness readiness) {
  switch (readiness) {
    case Readiness::kInProgress:
      return "InProgress";
    case Readiness::kFailed:
      return "Failed";
    case Readiness::kCurrent:
      return "Current";
    case Readiness::kTerminating:
      return "Terminating";
    case Readiness::kNotFound:
      return "NotFound";
    case Readiness::kUnknown:
      return "Unknown";
  }
  return "";
}

Readiness ReadinessOf(const Value& object, absl::Time now) {
  if (kube::Deleting(object)) return Readiness::kTerminating;
  const Value& generation = object["metadata"]["generation"];
  const Value& observed = object["status"]["observedGeneration"];
  if (generation.is_integer() && observed.is_integer() && generation != observed) {
    return Readiness::kInProgress;
  }
  for (const Value& condition : object["status"]["conditions"].items()) {
    if (condition["status"].str() != "True") continue;
    if (condition["type"].str() == "Reconciling") return Readiness::kInProgress;
    if (condition["type"].str() == "Stalled") return Readiness::kFailed;
  }
  return RuleFor(kube::GvkOf(object).group_kind())(object, now);
}

}  // namespace sluice::ssa
