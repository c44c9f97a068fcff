// SPDX-License-Identifier: Apache-2.0
#include "common/explain/workload.h"

#include "absl/strings/str_cat.h"
#include "common/explain/causes.h"

namespace sluice::explain {
namespace {

const Value& FindCondition(const Value& object, absl::string_view type) {
  static const Value none;
  for (const Value& condition : object["status"]["conditions"].items()) {
    if (condition["type"].str() == type) return condition;
  }
  return none;
}

std::string Words(const Value& state) {
  const absl::string_view message = state["message"].str();
  return absl::StrCat(state["reason"].str(), message.empty() ? "" : ": ", message);
}

// What one container's status says, nullopt if it is well.
std::optional<Ailment> OfContainer(const Value& container) {
  const Value& waiting = container["state"]["waiting"];
  const absl::string_view reason = waiting["reason"].str();
  const Value& last = container["lastState"]["terminated"];
  const auto ailment = [&](const char* cause, std::string words) {
    return Ailment{cause, absl::StrCat("container ", container["name"].str(), ": ", words),
                   nullptr};
  };
  if (reason == "ImagePullBackOff" || reason == "ErrImagePull" || reason == "InvalidImageName" ||
      reason == "ErrImageNeverPull") {
    return ailment("image-pull", Words(waiting));
  }
  if (reason == "CreateContainerConfigError" || reason == "CreateContainerError") {
    return ailment("container-config", Words(waiting));
  }
  if (last["reason"].str() == "OOMKilled" ||
      container["state"]["terminated"]["reason"].str() == "OOMKilled") {
    return ailment("out-of-memory", "OOMKilled");
  }
  if (reason == "CrashLoopBackOff" || reason == "RunContainerError") {
    return ailment("crash-loop", Words(waiting));
  }
  return std::nullopt;
}

std::optional<Ailment> OfPod(const Value& pod) {
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    for (const Value& container : pod["status"][list].items()) {
      if (auto ailment = OfContainer(container)) return ailment;
    }
  }
  if (const Value& scheduled = FindCondition(pod, "PodScheduled");
      scheduled["status"].str() == "False") {
    return Ailment{"unschedulable", Words(scheduled), nullptr};
  }
  if (pod["status"]["phase"].str() == "Running") {
    if (const Value& ready = FindCondition(pod, "Ready"); ready["status"].str() == "False") {
      return Ailment{"probe-failing", Words(ready), nullptr};
    }
  }
  return std::nullopt;
}

// What its own conditions say of the object.
Ailment OfConditions(const Value& object) {
  if (const Value& failure = FindCondition(object, "ReplicaFailure");
      failure["status"].str() == "True") {
    const Cause& cause = Classify("", failure["message"].str());
    const bool known = absl::string_view(cause.id) != "unclassified";
    return {known ? cause.id : "rollout-stuck", Words(failure), nullptr};
  }
  const absl::string_view kind = object["kind"].str();
  if (const Value& failed = FindCondition(object, "Failed");
      kind == "Job" && failed["status"].str() == "True") {
    return {"job-failed", Words(failed), nullptr};
  }
  if (kind == "PersistentVolumeClaim") {
    return {"volume-pending",
            absl::StrCat("the claim is ", object["status"]["phase"].string_or("new")), nullptr};
  }
  if (const Value& progressing = FindCondition(object, "Progressing");
      progressing["status"].str() == "False") {
    return {"rollout-stuck", Words(progressing), nullptr};
  }
  for (const char* type : {"Ready", "Available", "Established", "Healthy"}) {
    const Value& condition = FindCondition(object, type);
    if (condition.is_object() && condition["status"].str() != "True") {
      return {"not-healthy", Words(condition), nullptr};
    }
  }
  return {"not-healthy", "it is not ready yet", nullptr};
}

}  // namespace

Value PodLabels(const Value& object) {
  const absl::string_view kind = object["kind"].str();
  if (kind == "Deployment" || kind == "StatefulSet" || kind == "DaemonSet" ||
      kind == "ReplicaSet" || kind == "Job") {
    return object["spec"]["selector"]["matchLabels"];
  }
  return Value();
}

Ailment AilmentOf(const Value& object, const std::vector<kube::ObjectPtr>& pods) {
  if (object["kind"].str() == "Pod") {
    if (auto ailment = OfPod(object)) return *ailment;
  }
  for (const kube::ObjectPtr& pod : pods) {
    if (auto ailment = OfPod(*pod)) {
      ailment->pod = pod;
      return *ailment;
    }
  }
  return OfConditions(object);
}

}  // namespace sluice::explain
