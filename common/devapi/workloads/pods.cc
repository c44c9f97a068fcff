// Pods, as scheduler and kubelet leave them.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "common/devapi/workloads/reconcilers.h"

namespace sluice::devapi {
namespace {

constexpr char kKubelet[] = "kubelet";

Place PlaceOf(const Object& pod) { return {"pods", pod.key()}; }

// An address in 10.244.0.0/16 that stays the same for the pod.
std::string AddressOf(const Object& pod) {
  const uint32_t number = static_cast<uint32_t>(std::hash<std::string>()(std::string(pod.uid())));
  return absl::StrCat("10.244.", (number >> 8) % 254, ".", number % 253 + 1);
}

Value Condition(const char* type, bool status, const char* reason = "", const char* message = "") {
  Value condition = {
      {"type", type}, {"status", status ? "True" : "False"}, {"lastProbeTime", nullptr}};
  if (*reason != 0) condition.Set("reason", reason);
  if (*message != 0) condition.Set("message", message);
  return condition;
}

enum class Stage { kWaiting, kRunning, kSucceeded, kCrashing };

Value ContainerStatus(World& world, const Value& container, Stage stage) {
  const std::string now = world.timestamp();
  const std::string id =
      absl::StrCat("containerd://", ContentHash(Value{{"name", container["name"]}, {"at", now}}));
  Value status = {{"name", container["name"]},
                  {"image", container["image"]},
                  {"imageID", ""},
                  {"ready", stage == Stage::kRunning},
                  {"started", stage == Stage::kRunning},
                  {"restartCount", stage == Stage::kCrashing ? 1 : 0},
                  {"lastState", Value::EmptyObject()}};
  const Value exit = {{"containerID", id}, {"startedAt", now}, {"finishedAt", now}};
  switch (stage) {
    case Stage::kWaiting:
      status.Set("state", Value{{"waiting", Value{{"reason", "ContainerCreating"}}}});
      return status;
    case Stage::kRunning:
      status.Set("state", Value{{"running", Value{{"startedAt", now}}}});
      break;
    case Stage::kSucceeded: {
      Value terminated = exit;
      terminated.Set("exitCode", 0);
      terminated.Set("reason", "Completed");
      status.Set("state", Value{{"terminated", terminated}});
      break;
    }
    case Stage::kCrashing: {
      Value terminated = exit;
      terminated.Set("exitCode", 1);
      terminated.Set("reason", "Error");
      status.Set("state",
                 Value{{"waiting",
                        Value{{"reason", "CrashLoopBackOff"},
                              {"message", absl::StrCat("back-off 10s restarting failed container=",
                                                       container["name"].str())}}}});
      status.Set("lastState", Value{{"terminated", terminated}});
      break;
    }
  }
  status.Set("containerID", id);
  status.Set("imageID", container["image"]);
  return status;
}

void SetContainers(World& world, const Value& pod, Stage stage, Value& status) {
  Value containers = Value::EmptyArray();
  for (const Value& container : pod["spec"]["containers"].items()) {
    containers.Append(ContainerStatus(world, container, stage));
  }
  status.Set("containerStatuses", std::move(containers));
  if (pod["spec"]["initContainers"].empty()) return;
  Value init = Value::EmptyArray();
  const Stage init_stage = stage == Stage::kWaiting ? Stage::kWaiting : Stage::kSucceeded;
  for (const Value& container : pod["spec"]["initContainers"].items()) {
    init.Append(ContainerStatus(world, container, init_stage));
  }
  status.Set("initContainerStatuses", std::move(init));
}

void Schedule(World& world, const Object& pod) {
  world.Edit(
      PlaceOf(pod), [](Value& object) { object.Ensure("spec").Set("nodeName", kNodeName); },
      "kube-scheduler", "binding");
  world.EditStatus(
      PlaceOf(pod),
      [&](Value& status) {
        const std::string now = world.timestamp();
        status.Set("phase", "Pending");
        status.Set("startTime", now);
        status.Set("hostIP", "10.0.2.15");
        status.Set("hostIPs", Value(Value::Array{Value{{"ip", "10.0.2.15"}}}));
        const char* why = "containers with unready status";
        SetCondition(status, Condition("PodScheduled", true), now);
        SetCondition(status,
                     Condition("Initialized", pod.value()["spec"]["initContainers"].empty()), now);
        SetCondition(status, Condition("Ready", false, "ContainersNotReady", why), now);
        SetCondition(status, Condition("ContainersReady", false, "ContainersNotReady", why), now);
        SetContainers(world, pod.value(), Stage::kWaiting, status);
      },
      kKubelet);
}

void Advance(World& world, const Object& pod, Stage stage, const char* phase) {
  world.EditStatus(
      PlaceOf(pod),
      [&](Value& status) {
        const std::string now = world.timestamp();
        const bool ready = stage == Stage::kRunning;
        const char* reason = ready                        ? ""
                             : stage == Stage::kSucceeded ? "PodCompleted"
                                                          : "ContainersNotReady";
        status.Set("phase", phase);
        SetCondition(status, Condition("PodReadyToStartContainers", stage != Stage::kSucceeded),
                     now);
        SetCondition(status, Condition("Initialized", true), now);
        SetCondition(status, Condition("Ready", ready, reason), now);
        SetCondition(status, Condition("ContainersReady", ready, reason), now);
        SetContainers(world, pod.value(), stage, status);
        const std::string address = AddressOf(pod);
        status.Set("podIP", address);
        status.Set("podIPs", Value(Value::Array{Value{{"ip", address}}}));
      },
      kKubelet);
}

}  // namespace

Value PodFromTemplate(const Value& owner, const Value& pod_template, const std::string& name) {
  Value metadata = pod_template["metadata"];
  if (!metadata.is_object()) metadata = Value::EmptyObject();
  for (const char* key : {"name", "generateName", "namespace", "creationTimestamp"}) {
    metadata.Erase(key);
  }
  if (name.empty()) {
    metadata.Set("generateName", absl::StrCat(owner["metadata"]["name"].str(), "-"));
  } else {
    metadata.Set("name", name);
  }
  metadata.Set("ownerReferences", Value(Value::Array{ControllerReference(owner)}));
  for (const char* annotation : {kFateAnnotation, kDelayAnnotation}) {
    const Value& wanted = owner["metadata"]["annotations"][annotation];
    if (wanted.is_string()) metadata.Ensure("annotations").Set(annotation, wanted);
  }
  return Value{{"metadata", std::move(metadata)}, {"spec", pod_template["spec"]}};
}

bool IsReady(const Object& pod) {
  return FindCondition(pod.value()["status"], "Ready")["status"].str() == "True";
}

bool IsActive(const Object& pod) {
  const absl::string_view phase = pod.value()["status"]["phase"].str();
  return !pod.deleting() && phase != "Succeeded" && phase != "Failed";
}

absl::Time ReconcilePod(World& world, const ObjectRef& object) {
  const Value& pod = object->value();
  const std::string node(pod["spec"]["nodeName"].str());
  if (object->deleting()) {
    // The kubelet has nothing to stop: the pod is gone at once.
    if (node == kNodeName) world.Delete(PlaceOf(*object), /*now=*/true);
    return absl::InfiniteFuture();
  }
  if (!pod["spec"]["schedulingGates"].empty()) return absl::InfiniteFuture();
  if (node.empty()) {
    Schedule(world, *object);
    return absl::InfiniteFuture();
  }
  if (node != kNodeName || pod["status"]["phase"].str() != "Pending") return absl::InfiniteFuture();
  const Behaviour behaviour = BehaviourOf(pod, world.options());
  if (behaviour.fate == Fate::kHang) return absl::InfiniteFuture();
  const absl::Time due = world.FirstSeen(*object) + behaviour.ready_after;
  if (world.now() < due) return due;
  const bool once = pod["spec"]["restartPolicy"].str() == "Never" ||
                    pod["spec"]["restartPolicy"].str() == "OnFailure";
  if (behaviour.fate == Fate::kFail) {
    Advance(world, *object, Stage::kCrashing, once ? "Failed" : "Running");
  } else {
    Advance(world, *object, once ? Stage::kSucceeded : Stage::kRunning,
            once ? "Succeeded" : "Running");
  }
  return absl::InfiniteFuture();
}

}  // namespace sluice::devapi
