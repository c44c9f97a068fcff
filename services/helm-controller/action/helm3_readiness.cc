// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/helm3_readiness.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::helm_controller {
namespace {

bool HasCondition(const Value& object, absl::string_view type, absl::string_view status) {
  const auto conditions = object["status"]["conditions"].items();
  return std::any_of(conditions.begin(), conditions.end(), [&](const Value& condition) {
    return condition["type"].str() == type && condition["status"].str() == status;
  });
}

// Whether the controller of the object has seen its newest spec.
bool IsObserved(const Value& object) {
  return object["status"]["observedGeneration"].int_or(0) >=
         object["metadata"]["generation"].int_or(0);
}

enum class Rounding { kDown, kUp };

// A number, or a percentage of `total` ("25%"); 0 if it is neither.
int64_t Scaled(const Value& amount, int64_t total, Rounding rounding) {
  if (!amount.is_string()) return amount.int_or(0);
  absl::string_view text = amount.str();
  int64_t percent = 0;
  if (!absl::ConsumeSuffix(&text, "%") || !absl::SimpleAtoi(text, &percent)) return 0;
  return (percent * total + (rounding == Rounding::kUp ? 99 : 0)) / 100;
}

// How many replicas of a Deployment may be missing while it is rolled out; at least one, where none
// may be more than wanted, or it would never end.
int64_t MaxUnavailable(const Value& deployment, int64_t replicas) {
  const Value& rolling = deployment["spec"]["strategy"]["rollingUpdate"];
  if (deployment["spec"]["strategy"]["type"].str() != "RollingUpdate" || replicas == 0) return 0;
  const int64_t unavailable = Scaled(rolling["maxUnavailable"], replicas, Rounding::kDown);
  const int64_t surge = Scaled(rolling["maxSurge"], replicas, Rounding::kUp);
  return std::min(replicas, unavailable == 0 && surge == 0 ? 1 : unavailable);
}

bool IsOwnedBy(const Value& object, const Value& owner) {
  const auto references = object["metadata"]["ownerReferences"].items();
  return std::any_of(references.begin(), references.end(), [&](const Value& reference) {
    return reference["controller"].bool_or(false) &&
           reference["uid"].str() == owner["metadata"]["uid"].str();
  });
}

// The Pod template without what the Deployment's controller adds to that of a ReplicaSet.
Value Template(const Value& object) {
  Value result = object["spec"]["template"];
  Value* labels = result.Ensure("metadata").FindMutable("labels");
  if (labels != nullptr) labels->Erase("pod-template-hash");
  return result;
}

absl::StatusOr<bool> DeploymentReady(const Value& deployment, const ListSelected& list) {
  ASSIGN_OR_RETURN(const std::vector<Value> sets,
                   list({"apps", "v1", "ReplicaSet"}, kube::KeyOf(deployment).ns,
                        deployment["spec"]["selector"]));
  const Value wanted = Template(deployment);
  const auto newest = std::find_if(sets.begin(), sets.end(), [&](const Value& set) {
    return IsOwnedBy(set, deployment) && Template(set) == wanted;
  });
  if (newest == sets.end() || !IsObserved(*newest) || !IsObserved(deployment)) return false;
  const int64_t replicas = deployment["spec"]["replicas"].int_or(1);
  return (*newest)["status"]["readyReplicas"].int_or(0) >=
         replicas - MaxUnavailable(deployment, replicas);
}

absl::StatusOr<bool> PodsReady(const Value& owner, const Value& selector,
                               const ListSelected& list) {
  if (!IsObserved(owner)) return false;
  ASSIGN_OR_RETURN(const std::vector<Value> pods,
                   list({"", "v1", "Pod"}, kube::KeyOf(owner).ns, selector));
  return std::all_of(pods.begin(), pods.end(), [&](const Value& pod) {
    return !IsOwnedBy(pod, owner) || HasCondition(pod, "Ready", "True");
  });
}

bool ServiceReady(const Value& service) {
  const Value& spec = service["spec"];
  if (spec["type"].str() == "ExternalName") return true;
  if (spec["clusterIP"].str().empty()) return false;
  return spec["type"].str() != "LoadBalancer" || !spec["externalIPs"].empty() ||
         !service["status"]["loadBalancer"]["ingress"].empty();
}

bool DaemonSetReady(const Value& set) {
  if (!IsObserved(set)) return false;
  const Value& strategy = set["spec"]["updateStrategy"];
  if (strategy["type"].str() != "RollingUpdate") return true;
  const int64_t desired = set["status"]["desiredNumberScheduled"].int_or(0);
  return set["status"]["updatedNumberScheduled"].int_or(0) == desired &&
         set["status"]["numberReady"].int_or(0) >=
             desired - Scaled(strategy["rollingUpdate"]["maxUnavailable"], desired, Rounding::kUp);
}

bool StatefulSetReady(const Value& set) {
  if (!IsObserved(set)) return false;
  const Value& strategy = set["spec"]["updateStrategy"];
  if (strategy["type"].str() != "RollingUpdate") return true;
  const Value& status = set["status"];
  const int64_t partition = strategy["rollingUpdate"]["partition"].int_or(0);
  const int64_t replicas = set["spec"]["replicas"].int_or(1);
  return status["updatedReplicas"].int_or(0) >= replicas - partition &&
         status["readyReplicas"].int_or(0) == replicas &&
         (partition > 0 || status["currentRevision"].str() == status["updateRevision"].str());
}

ssa::Readiness JobReadiness(const Value& job) {
  if (job["status"]["failed"].int_or(0) > job["spec"]["backoffLimit"].int_or(6)) {
    return ssa::Readiness::kFailed;
  }
  return job["status"]["succeeded"].int_or(0) >= job["spec"]["completions"].int_or(0)
             ? ssa::Readiness::kCurrent
             : ssa::Readiness::kInProgress;
}

absl::StatusOr<bool> IsReady(const Value& live, const ListSelected& list) {
  const kube::GroupVersionKind gvk = kube::GvkOf(live);
  const auto is = [&](absl::string_view group, absl::string_view kind) {
    return gvk.group == group && gvk.kind == kind;
  };
  const Value& selector = live["spec"]["selector"];
  if (is("", "Pod")) return HasCondition(live, "Ready", "True");
  if (is("apps", "Deployment")) {
    if (live["spec"]["paused"].bool_or(false)) return true;
    return DeploymentReady(live, list);
  }
  if (is("", "PersistentVolumeClaim")) return live["status"]["phase"].str() == "Bound";
  if (is("", "Service")) return ServiceReady(live);
  if (is("apps", "DaemonSet")) return DaemonSetReady(live);
  if (is("apps", "StatefulSet")) return StatefulSetReady(live);
  // Names that are taken are for whoever made the definition to find out.
  if (is("apiextensions.k8s.io", "CustomResourceDefinition")) {
    return HasCondition(live, "Established", "True") ||
           HasCondition(live, "NamesAccepted", "False");
  }
  if (is("apps", "ReplicaSet")) return PodsReady(live, selector, list);
  // Its selector is the labels themselves.
  if (is("", "ReplicationController")) return PodsReady(live, {{"matchLabels", selector}}, list);
  return true;
}

}  // namespace

absl::StatusOr<ssa::Readiness> Helm3Readiness(const Value& live, bool jobs,
                                              const ListSelected& list) {
  const kube::GroupVersionKind gvk = kube::GvkOf(live);
  if (gvk.group == "batch" && gvk.kind == "Job") {
    return jobs ? JobReadiness(live) : ssa::Readiness::kCurrent;
  }
  ASSIGN_OR_RETURN(const bool ready, IsReady(live, list));
  return ready ? ssa::Readiness::kCurrent : ssa::Readiness::kInProgress;
}

}  // namespace sluice::helm_controller
