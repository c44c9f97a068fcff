// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_defaults/defaults.h"

#include "absl/strings/escaping.h"
#include "common/devapi/builtin_defaults/extensions.h"
#include "common/devapi/builtin_defaults/pod.h"
#include "common/devapi/builtin_defaults/workloads.h"

namespace sluice::devapi {
namespace {

constexpr char kRbac[] = "rbac.authorization.k8s.io";

template <typename Function>
void ForEach(Value& object, absl::string_view key, Function apply) {
  Value* const list = object.FindMutable(key);
  if (list == nullptr || !list->is_array()) return;
  for (Value& item : list->mutable_items()) apply(item);
}

void ApplySecret(Value& object) {
  // Conversion rather than a default: stringData is only for writing.
  const Value texts = object["stringData"];
  object.Erase("stringData");
  for (const value::Member& text : texts.members()) {
    object.Ensure("data").Set(text.key, absl::Base64Escape(text.value.str()));
  }
  SetDefault(object, "type", "Opaque");
}

void ApplyNamespace(Value& object) {
  // Kept equal to the name, whatever the client says.
  const Value name = object["metadata"]["name"];
  if (!name.str().empty()) {
    object.Ensure("metadata").Ensure("labels").Set("kubernetes.io/metadata.name", name);
  }
}

void ApplyService(Value& object) {
  Value& spec = object.Ensure("spec");
  SetDefault(spec, "sessionAffinity", "None");
  if (spec["sessionAffinity"].str() == "ClientIP") {
    SetDefault(spec.Ensure("sessionAffinityConfig").Ensure("clientIP"), "timeoutSeconds", 10800);
  }
  SetDefault(spec, "type", "ClusterIP");
  ForEach(spec, "ports", [](Value& port) {
    SetDefault(port, "protocol", "TCP");
    const Value& target = port["targetPort"];
    if (target.is_null() || target == Value(0) || (target.is_string() && target.str().empty())) {
      port.Set("targetPort", Value(port["port"]));
    }
  });
  const absl::string_view type = spec["type"].str();
  if (type == "NodePort" || type == "LoadBalancer") {
    SetDefault(spec, "externalTrafficPolicy", "Cluster");
  }
  if (type != "ExternalName") SetDefault(spec, "internalTrafficPolicy", "Cluster");
  if (type == "LoadBalancer") SetDefault(spec, "allocateLoadBalancerNodePorts", true);
}

void ApplyEndpoints(Value& object) {
  ForEach(object, "subsets", [](Value& subset) {
    ForEach(subset, "ports", [](Value& port) { SetDefault(port, "protocol", "TCP"); });
  });
}

void ApplyEndpointSlice(Value& object) {
  ForEach(object, "ports", [](Value& port) {
    SetDefault(port, "name", "");
    SetDefault(port, "protocol", "TCP");
  });
}

void ApplyClaim(Value& object) {
  SetDefault(object.Ensure("status"), "phase", "Pending");
  ApplyClaimSpecDefaults(object.Ensure("spec"));
}

void ApplyVolume(Value& object) {
  SetDefault(object.Ensure("status"), "phase", "Pending");
  Value& spec = object.Ensure("spec");
  SetDefault(spec, "persistentVolumeReclaimPolicy", "Retain");
  SetDefault(spec, "volumeMode", "Filesystem");
  if (Value* path = spec.FindMutable("hostPath"); path != nullptr) SetDefault(*path, "type", "");
}

void ApplyLimitRange(Value& object) {
  ForEach(object.Ensure("spec"), "limits", [](Value& limit) {
    if (limit["type"].str() != "Container") return;
    const auto fill = [&limit](const char* from, const char* to) {
      const Value source = limit[from];
      for (const value::Member& member : source.members()) {
        SetDefault(limit.Ensure(to), member.key, member.value);
      }
    };
    fill("max", "default");
    fill("default", "defaultRequest");
    fill("min", "defaultRequest");
  });
}

void ApplyNetworkPolicy(Value& object) {
  Value& spec = object.Ensure("spec");
  for (const char* direction : {"ingress", "egress"}) {
    ForEach(spec, direction, [](Value& rule) {
      ForEach(rule, "ports", [](Value& port) { SetDefault(port, "protocol", "TCP"); });
    });
  }
  if (spec.Has("policyTypes")) return;
  Value::Array types = {"Ingress"};
  if (!spec["egress"].empty()) types.push_back("Egress");
  spec.Set("policyTypes", Value(std::move(types)));
}

void ApplyIngressClass(Value& object) {
  if (Value* parameters = object.Ensure("spec").FindMutable("parameters");
      parameters != nullptr && parameters->is_object() && (*parameters)["scope"].is_null()) {
    parameters->Set("scope", "Cluster");
  }
}

void ApplyBinding(Value& object) {
  Value& role = object.Ensure("roleRef");
  if (role["apiGroup"].str().empty()) role.Set("apiGroup", kRbac);
  ForEach(object, "subjects", [](Value& subject) {
    const absl::string_view kind = subject["kind"].str();
    if (kind == "User" || kind == "Group") SetDefault(subject, "apiGroup", kRbac);
  });
}

void ApplyStorageClass(Value& object) {
  SetDefault(object, "reclaimPolicy", "Delete");
  SetDefault(object, "volumeBindingMode", "Immediate");
}

void ApplyPriorityClass(Value& object) {
  SetDefault(object, "preemptionPolicy", "PreemptLowerPriority");
}

struct Row {
  absl::string_view group;
  absl::string_view version;
  absl::string_view kind;
  void (*apply)(Value& object);
};

constexpr Row kRows[] = {
    {"", "v1", "Endpoints", ApplyEndpoints},
    {"", "v1", "LimitRange", ApplyLimitRange},
    {"", "v1", "Namespace", ApplyNamespace},
    {"", "v1", "PersistentVolume", ApplyVolume},
    {"", "v1", "PersistentVolumeClaim", ApplyClaim},
    {"", "v1", "Pod", ApplyPodDefaults},
    {"", "v1", "PodTemplate", ApplyPodTemplateDefaults},
    {"", "v1", "ReplicationController", ApplyReplicationControllerDefaults},
    {"", "v1", "Secret", ApplySecret},
    {"", "v1", "Service", ApplyService},
    {"admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration",
     ApplyMutatingWebhookDefaults},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy",
     ApplyAdmissionPolicyDefaults},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding",
     ApplyAdmissionPolicyBindingDefaults},
    {"admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration",
     ApplyValidatingWebhookDefaults},
    {"apiextensions.k8s.io", "v1", "CustomResourceDefinition",
     ApplyCustomResourceDefinitionDefaults},
    {"apiregistration.k8s.io", "v1", "APIService", ApplyApiServiceDefaults},
    {"apps", "v1", "DaemonSet", ApplyDaemonSetDefaults},
    {"apps", "v1", "Deployment", ApplyDeploymentDefaults},
    {"apps", "v1", "ReplicaSet", ApplyReplicaSetDefaults},
    {"apps", "v1", "StatefulSet", ApplyStatefulSetDefaults},
    {"autoscaling", "v1", "HorizontalPodAutoscaler", ApplyAutoscalerV1Defaults},
    {"autoscaling", "v2", "HorizontalPodAutoscaler", ApplyAutoscalerV2Defaults},
    {"batch", "v1", "CronJob", ApplyCronJobDefaults},
    {"batch", "v1", "Job", ApplyJobDefaults},
    {"discovery.k8s.io", "v1", "EndpointSlice", ApplyEndpointSlice},
    {"networking.k8s.io", "v1", "IngressClass", ApplyIngressClass},
    {"networking.k8s.io", "v1", "NetworkPolicy", ApplyNetworkPolicy},
    {kRbac, "v1", "ClusterRoleBinding", ApplyBinding},
    {kRbac, "v1", "RoleBinding", ApplyBinding},
    {"scheduling.k8s.io", "v1", "PriorityClass", ApplyPriorityClass},
    {"storage.k8s.io", "v1", "CSIDriver", ApplyCsiDriverDefaults},
    {"storage.k8s.io", "v1", "StorageClass", ApplyStorageClass},
};

}  // namespace

void ApplyBuiltinDefaults(absl::string_view group, absl::string_view version,
                          absl::string_view kind, Value& object) {
  for (const Row& row : kRows) {
    if (row.kind == kind && row.group == group && row.version == version) row.apply(object);
  }
}

}  // namespace sluice::devapi
