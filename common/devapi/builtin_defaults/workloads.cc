// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_defaults/workloads.h"

#include "common/devapi/builtin_defaults/pod.h"

namespace sluice::devapi {
namespace {

Value& SpecOf(Value& object) { return object.Ensure("spec"); }

void ApplyTemplate(Value& spec) { ApplyPodSpecDefaults(spec.Ensure("template").Ensure("spec")); }

void ApplyMetricsDefault(Value& spec) {
  if (!spec["metrics"].empty()) return;
  spec.Set("metrics", Value(Value::Array{Value{
                          {"type", "Resource"},
                          {"resource",
                           {{"name", "cpu"},
                            {"target", {{"type", "Utilization"}, {"averageUtilization", 80}}}}}}}));
}

// The policies of one direction, when the object has `behavior`.
void ApplyScalingRules(Value& behavior, const char* direction) {
  Value& rules = behavior.Ensure(direction);
  const bool up = absl::string_view(direction) == "scaleUp";
  SetDefault(rules, "selectPolicy", "Max");
  if (up) SetDefault(rules, "stabilizationWindowSeconds", 0);
  if (!rules["policies"].empty()) return;
  Value::Array policies;
  if (up) policies.push_back(Value{{"type", "Pods"}, {"value", 4}, {"periodSeconds", 15}});
  policies.push_back(Value{{"type", "Percent"}, {"value", 100}, {"periodSeconds", 15}});
  rules.Set("policies", Value(std::move(policies)));
}

}  // namespace

void ApplyDeploymentDefaults(Value& object) {
  Value& spec = SpecOf(object);
  ApplyTemplate(spec);
  SetDefault(spec, "replicas", 1);
  Value& strategy = spec.Ensure("strategy");
  SetDefault(strategy, "type", "RollingUpdate");
  if (strategy["type"].str() == "RollingUpdate") {
    Value& rolling = strategy.Ensure("rollingUpdate");
    SetDefault(rolling, "maxUnavailable", "25%");
    SetDefault(rolling, "maxSurge", "25%");
  }
  SetDefault(spec, "revisionHistoryLimit", 10);
  SetDefault(spec, "progressDeadlineSeconds", 600);
}

void ApplyStatefulSetDefaults(Value& object) {
  Value& spec = SpecOf(object);
  ApplyTemplate(spec);
  SetDefault(spec, "podManagementPolicy", "OrderedReady");
  Value& strategy = spec.Ensure("updateStrategy");
  SetDefault(strategy, "type", "RollingUpdate");
  if (strategy["type"].str() == "RollingUpdate") {
    SetDefault(strategy.Ensure("rollingUpdate"), "partition", 0);
  }
  Value& retention = spec.Ensure("persistentVolumeClaimRetentionPolicy");
  SetDefault(retention, "whenDeleted", "Retain");
  SetDefault(retention, "whenScaled", "Retain");
  SetDefault(spec, "replicas", 1);
  SetDefault(spec, "revisionHistoryLimit", 10);
  if (Value* claims = spec.FindMutable("volumeClaimTemplates");
      claims != nullptr && claims->is_array()) {
    for (Value& claim : claims->mutable_items()) {
      SetDefault(claim, "apiVersion", "v1");
      SetDefault(claim, "kind", "PersistentVolumeClaim");
      ApplyClaimSpecDefaults(claim.Ensure("spec"));
      SetDefault(claim.Ensure("status"), "phase", "Pending");
    }
  }
}

void ApplyDaemonSetDefaults(Value& object) {
  // Part of the object in its internal form, so that it is always there.
  SetDefault(object.Ensure("metadata").Ensure("annotations"),
             "deprecated.daemonset.template.generation", "0");
  Value& spec = SpecOf(object);
  ApplyTemplate(spec);
  Value& strategy = spec.Ensure("updateStrategy");
  SetDefault(strategy, "type", "RollingUpdate");
  if (strategy["type"].str() == "RollingUpdate") {
    Value& rolling = strategy.Ensure("rollingUpdate");
    SetDefault(rolling, "maxUnavailable", 1);
    SetDefault(rolling, "maxSurge", 0);
  }
  SetDefault(spec, "revisionHistoryLimit", 10);
  SetDefault(object.Ensure("metadata").Ensure("annotations"),
             "deprecated.daemonset.template.generation", "0");
}

void ApplyReplicaSetDefaults(Value& object) {
  Value& spec = SpecOf(object);
  ApplyTemplate(spec);
  SetDefault(spec, "replicas", 1);
}

void ApplyReplicationControllerDefaults(Value& object) {
  Value& spec = SpecOf(object);
  const Value labels = spec["template"]["metadata"]["labels"];
  if (!labels.empty()) {
    SetDefault(spec, "selector", labels);
    SetDefault(object.Ensure("metadata"), "labels", labels);
  }
  Value& same = SpecOf(object);
  if (same.Has("template")) ApplyTemplate(same);
  SetDefault(same, "replicas", 1);
}

void ApplyJobDefaults(Value& object) {
  Value& spec = SpecOf(object);
  if (!spec.Has("completions") && !spec.Has("parallelism")) {
    spec.Set("completions", 1);
    spec.Set("parallelism", 1);
  }
  SetDefault(spec, "parallelism", 1);
  SetDefault(spec, "backoffLimit", 6);
  SetDefault(spec, "completionMode", "NonIndexed");
  SetDefault(spec, "suspend", false);
  SetDefault(spec, "manualSelector", false);
  if (!spec.Has("podReplacementPolicy")) {
    spec.Set("podReplacementPolicy",
             spec.Has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
  }
  const Value labels = spec["template"]["metadata"]["labels"];
  if (!labels.empty()) SetDefault(object.Ensure("metadata"), "labels", labels);
  ApplyTemplate(SpecOf(object));
}

void ApplyCronJobDefaults(Value& object) {
  Value& spec = SpecOf(object);
  SetDefault(spec, "concurrencyPolicy", "Allow");
  SetDefault(spec, "suspend", false);
  SetDefault(spec, "successfulJobsHistoryLimit", 3);
  SetDefault(spec, "failedJobsHistoryLimit", 1);
  ApplyTemplate(spec.Ensure("jobTemplate").Ensure("spec"));
}

void ApplyPodTemplateDefaults(Value& object) {
  if (!object.Has("template")) return;
  ApplyPodSpecDefaults(object.Ensure("template").Ensure("spec"));
}

void ApplyAutoscalerV1Defaults(Value& object) {
  Value& spec = SpecOf(object);
  SetDefault(spec, "minReplicas", 1);
  SetDefault(spec, "targetCPUUtilizationPercentage", 80);
}

void ApplyAutoscalerV2Defaults(Value& object) {
  Value& spec = SpecOf(object);
  SetDefault(spec, "minReplicas", 1);
  ApplyMetricsDefault(spec);
  if (Value* behavior = spec.FindMutable("behavior");
      behavior != nullptr && behavior->is_object()) {
    ApplyScalingRules(*behavior, "scaleUp");
    ApplyScalingRules(*behavior, "scaleDown");
  }
}

}  // namespace sluice::devapi
