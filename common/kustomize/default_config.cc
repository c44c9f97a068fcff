// The built-in field specs of kustomize 5.8.1.
//
// SPDX-License-Identifier: Apache-2.0
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/kustomize/field_specs.h"

namespace sluice::kustomize {
namespace {

constexpr absl::string_view kApps = "apps";
constexpr absl::string_view kBatch = "batch";
constexpr absl::string_view kRbac = "rbac.authorization.k8s.io";
constexpr absl::string_view kAdmission = "admissionregistration.k8s.io";

// Of most tables.
constexpr size_t kUsualSize = 8;

void Add(FieldSpecs& specs, absl::string_view group, absl::string_view version,
         absl::string_view kind, absl::string_view path, bool create = false) {
  if (specs.capacity() == 0) specs.reserve(kUsualSize);
  specs.emplace_back(group, version, kind, path, create);
}

FieldSpecs TemplateLabels() {
  FieldSpecs specs;
  Add(specs, "", "", "", "metadata/labels", true);
  constexpr absl::string_view kTemplate = "spec/template/metadata/labels";
  Add(specs, "", "v1", "ReplicationController", kTemplate, true);
  for (absl::string_view kind : {"Deployment", "ReplicaSet", "DaemonSet"}) {
    Add(specs, "", "", kind, kTemplate, true);
  }
  Add(specs, kApps, "", "StatefulSet", kTemplate, true);
  Add(specs, kApps, "", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", true);
  Add(specs, kBatch, "", "Job", kTemplate, true);
  Add(specs, kBatch, "", "CronJob", "spec/jobTemplate/metadata/labels", true);
  Add(specs, kBatch, "", "CronJob", "spec/jobTemplate/spec/template/metadata/labels", true);
  return specs;
}

FieldSpecs CommonLabels() {
  FieldSpecs specs;
  Add(specs, "", "v1", "Service", "spec/selector", true);
  Add(specs, "", "v1", "ReplicationController", "spec/selector", true);
  constexpr absl::string_view kMatchLabels = "spec/selector/matchLabels";
  for (absl::string_view kind : {"Deployment", "ReplicaSet", "DaemonSet"}) {
    Add(specs, "", "", kind, kMatchLabels, true);
  }
  Add(specs, kApps, "", "StatefulSet", kMatchLabels, true);
  for (absl::string_view kind : {"Deployment", "StatefulSet"}) {
    for (absl::string_view affinity : {"podAffinity", "podAntiAffinity"}) {
      const std::string base = absl::StrCat("spec/template/spec/affinity/", affinity);
      Add(specs, kApps, "", kind,
          absl::StrCat(base,
                       "/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/"
                       "labelSelector/matchLabels"));
      Add(specs, kApps, "", kind,
          absl::StrCat(base,
                       "/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/"
                       "matchLabels"));
    }
    Add(specs, kApps, "", kind,
        "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels");
  }
  Add(specs, kBatch, "", "Job", kMatchLabels);
  Add(specs, kBatch, "", "CronJob", "spec/jobTemplate/spec/selector/matchLabels");
  Add(specs, "policy", "", "PodDisruptionBudget", kMatchLabels);
  for (absl::string_view path :
       {"spec/podSelector/matchLabels", "spec/ingress/from/podSelector/matchLabels",
        "spec/egress/to/podSelector/matchLabels"}) {
    Add(specs, "networking.k8s.io", "", "NetworkPolicy", path);
  }
  for (FieldSpec& spec : TemplateLabels()) specs.push_back(std::move(spec));
  return specs;
}

FieldSpecs CommonAnnotations() {
  FieldSpecs specs;
  Add(specs, "", "", "", "metadata/annotations", true);
  constexpr absl::string_view kTemplate = "spec/template/metadata/annotations";
  Add(specs, "", "v1", "ReplicationController", kTemplate, true);
  for (absl::string_view kind : {"Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"}) {
    Add(specs, "", "", kind, kTemplate, true);
  }
  Add(specs, kBatch, "", "Job", kTemplate, true);
  Add(specs, kBatch, "", "CronJob", "spec/jobTemplate/metadata/annotations", true);
  Add(specs, kBatch, "", "CronJob", "spec/jobTemplate/spec/template/metadata/annotations", true);
  return specs;
}

// The kinds that carry a pod template, and where its pod spec is.
struct PodCarrier {
  absl::string_view version;
  absl::string_view kind;
  absl::string_view pod_spec;
};
constexpr PodCarrier kPodCarriers[] = {
    {"v1", "Pod", "spec"},
    {"", "PodTemplate", "template/spec"},
    {"", "Deployment", "spec/template/spec"},
    {"", "ReplicaSet", "spec/template/spec"},
    {"", "DaemonSet", "spec/template/spec"},
    {"", "StatefulSet", "spec/template/spec"},
    {"", "Job", "spec/template/spec"},
    {"", "CronJob", "spec/jobTemplate/spec/template/spec"},
};

void AddToPods(FieldSpecs& specs, std::initializer_list<absl::string_view> fields) {
  for (const PodCarrier& carrier : kPodCarriers) {
    for (absl::string_view field : fields) {
      Add(specs, "", carrier.version, carrier.kind, absl::StrCat(carrier.pod_spec, "/", field));
    }
  }
}

// For the fields that are known of fewer kinds, ReplicationController among them.
void AddToWorkloads(FieldSpecs& specs, absl::string_view field) {
  Add(specs, "", "", "Pod", absl::StrCat("spec/", field));
  for (absl::string_view kind :
       {"StatefulSet", "Deployment", "ReplicationController", "Job", "DaemonSet"}) {
    Add(specs, "", "", kind, absl::StrCat("spec/template/spec/", field));
  }
  Add(specs, "", "", "CronJob", absl::StrCat("spec/jobTemplate/spec/template/spec/", field));
}

FieldSpecs ConfigMapReferrers() {
  FieldSpecs specs;
  AddToPods(
      specs,
      {"volumes/configMap/name", "containers/env/valueFrom/configMapKeyRef/name",
       "initContainers/env/valueFrom/configMapKeyRef/name", "containers/envFrom/configMapRef/name",
       "initContainers/envFrom/configMapRef/name", "volumes/projected/sources/configMap/name"});
  Add(specs, "", "", "Node", "spec/configSource/configMap");
  Add(specs, "", "", "Role", "rules/resourceNames");
  Add(specs, "", "", "ClusterRole", "rules/resourceNames");
  Add(specs, "", "", "Ingress",
      "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap");
  return specs;
}

FieldSpecs SecretReferrers() {
  FieldSpecs specs;
  AddToPods(specs, {"volumes/secret/secretName", "containers/env/valueFrom/secretKeyRef/name",
                    "initContainers/env/valueFrom/secretKeyRef/name",
                    "containers/envFrom/secretRef/name", "initContainers/envFrom/secretRef/name",
                    "imagePullSecrets/name", "volumes/projected/sources/secret/name"});
  Add(specs, "", "", "Ingress", "spec/tls/secretName");
  for (absl::string_view annotation :
       {"ingress.kubernetes.io\\/auth-secret", "nginx.ingress.kubernetes.io\\/auth-secret",
        "nginx.ingress.kubernetes.io\\/auth-tls-secret"}) {
    Add(specs, "", "", "Ingress", absl::StrCat("metadata/annotations/", annotation));
  }
  Add(specs, "", "", "ServiceAccount", "imagePullSecrets/name");
  for (absl::string_view parameter :
       {"secretName", "adminSecretName", "userSecretName", "secretRef"}) {
    Add(specs, "", "", "StorageClass", absl::StrCat("parameters/", parameter));
  }
  Add(specs, "", "", "Role", "rules/resourceNames");
  Add(specs, "", "", "ClusterRole", "rules/resourceNames");
  Add(specs, "serving.knative.dev", "v1", "Service",
      "spec/template/spec/containers/env/valueFrom/secretKeyRef/name");
  Add(specs, "", "", "PersistentVolume", "spec/azureFile/secretName");
  return specs;
}

FieldSpecs ServiceReferrers() {
  FieldSpecs specs;
  Add(specs, kApps, "", "StatefulSet", "spec/serviceName");
  for (absl::string_view path :
       {"spec/rules/http/paths/backend/serviceName", "spec/backend/serviceName",
        "spec/rules/http/paths/backend/service/name", "spec/defaultBackend/service/name"}) {
    Add(specs, "", "", "Ingress", path);
  }
  Add(specs, "apiregistration.k8s.io", "", "APIService", "spec/service/name");
  Add(specs, kAdmission, "", "ValidatingWebhookConfiguration", "webhooks/clientConfig/service");
  Add(specs, kAdmission, "", "MutatingWebhookConfiguration", "webhooks/clientConfig/service");
  return specs;
}

std::vector<NameReference> NameReferences() {
  std::vector<NameReference> references;
  for (absl::string_view kind :
       {"Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"}) {
    FieldSpecs specs;
    Add(specs, "", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name");
    references.push_back({"", "", std::string(kind), std::move(specs)});
  }
  references.push_back({"", "v1", "ConfigMap", ConfigMapReferrers()});
  references.push_back({"", "v1", "Secret", SecretReferrers()});
  references.push_back({"", "v1", "Service", ServiceReferrers()});
  FieldSpecs role;
  Add(role, kRbac, "", "RoleBinding", "roleRef/name");
  references.push_back({std::string(kRbac), "", "Role", role});
  FieldSpecs cluster_role = role;
  Add(cluster_role, kRbac, "", "ClusterRoleBinding", "roleRef/name");
  references.push_back({std::string(kRbac), "", "ClusterRole", std::move(cluster_role)});
  FieldSpecs account;
  Add(account, kRbac, "", "RoleBinding", "subjects");
  Add(account, kRbac, "", "ClusterRoleBinding", "subjects");
  AddToWorkloads(account, "serviceAccountName");
  references.push_back({"", "v1", "ServiceAccount", std::move(account)});
  FieldSpecs claim;
  AddToWorkloads(claim, "volumes/persistentVolumeClaim/claimName");
  references.push_back({"", "v1", "PersistentVolumeClaim", std::move(claim)});
  FieldSpecs volume;
  Add(volume, "", "", "PersistentVolumeClaim", "spec/volumeName");
  Add(volume, "", "", "ClusterRole", "rules/resourceNames");
  references.push_back({"", "v1", "PersistentVolume", std::move(volume)});
  FieldSpecs storage_class;
  Add(storage_class, "", "", "PersistentVolume", "spec/storageClassName");
  Add(storage_class, "", "", "PersistentVolumeClaim", "spec/storageClassName");
  Add(storage_class, "", "", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName");
  references.push_back({"storage.k8s.io", "v1", "StorageClass", std::move(storage_class)});
  FieldSpecs priority;
  AddToWorkloads(priority, "priorityClassName");
  references.push_back({"scheduling.k8s.io", "v1", "PriorityClass", std::move(priority)});
  // The reference has no entry that could match an IngressClass: its group holds a version, too.
  FieldSpecs policy;
  Add(policy, kAdmission, "", "ValidatingAdmissionPolicyBinding", "spec/policyName");
  references.push_back(
      {std::string(kAdmission), "", "ValidatingAdmissionPolicy", std::move(policy)});
  return references;
}

FieldSpecs VarReferences() {
  FieldSpecs specs;
  struct Carrier {
    absl::string_view kind;
    absl::string_view pod_spec;
    absl::string_view nfs;
  };
  static constexpr Carrier kCarriers[] = {
      {"CronJob", "spec/jobTemplate/spec/template/spec",
       "spec/jobTemplate/spec/template/volumes/nfs/server"},
      {"DaemonSet", "spec/template/spec", "spec/template/spec/volumes/nfs/server"},
      {"Deployment", "spec/template/spec", "spec/template/spec/volumes/nfs/server"},
      {"Job", "spec/template/spec", "spec/template/spec/volumes/nfs/server"},
      {"Pod", "spec", "spec/volumes/nfs/server"},
      {"ReplicaSet", "spec/template/spec", "spec/template/spec/volumes/nfs/server"},
      {"StatefulSet", "spec/template/spec", "spec/volumeClaimTemplates/spec/nfs/server"},
  };
  for (const Carrier& carrier : kCarriers) {
    for (absl::string_view containers : {"containers", "initContainers"}) {
      for (absl::string_view field : {"args", "command", "env/value", "volumeMounts/mountPath"}) {
        Add(specs, "", "", carrier.kind,
            absl::StrCat(carrier.pod_spec, "/", containers, "/", field));
      }
    }
    Add(specs, "", "", carrier.kind, carrier.nfs);
  }
  Add(specs, "", "", "Deployment", "spec/template/metadata/annotations");
  for (absl::string_view path : {"spec/rules/host", "spec/tls/hosts", "spec/tls/secretName"}) {
    Add(specs, "", "", "Ingress", path);
  }
  Add(specs, "", "", "Service", "spec/ports/port");
  Add(specs, "", "", "Service", "spec/ports/targetPort");
  Add(specs, "", "", "PersistentVolume", "spec/nfs/server");
  Add(specs, "", "", "", "metadata/labels");
  Add(specs, "", "", "", "metadata/annotations");
  return specs;
}

SharedConfig MakeDefault() {
  auto config = std::make_shared<TransformerConfig>();
  Add(config->name_prefix, "", "", "", "metadata/name");
  Add(config->name_suffix, "", "", "", "metadata/name");
  Add(config->namespace_fields, "", "", "Namespace", "metadata/name", true);
  Add(config->namespace_fields, "apiregistration.k8s.io", "", "APIService",
      "spec/service/namespace", true);
  Add(config->namespace_fields, "apiextensions.k8s.io", "", "CustomResourceDefinition",
      "spec/conversion/webhook/clientConfig/service/namespace");
  config->common_labels = CommonLabels();
  config->template_labels = TemplateLabels();
  config->common_annotations = CommonAnnotations();
  config->name_references = NameReferences();
  config->var_references = VarReferences();
  for (absl::string_view prefix : {"spec/", "spec/template/spec/"}) {
    for (absl::string_view field :
         {"containers[]/image", "initContainers[]/image", "volumes[]/image/reference"}) {
      Add(config->images, "", "", "", absl::StrCat(prefix, field), true);
    }
  }
  for (absl::string_view kind :
       {"Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"}) {
    Add(config->replicas, "", "", kind, "spec/replicas", true);
  }
  SortConfig(*config);
  return config;
}

}  // namespace

const SharedConfig& DefaultConfig() {
  static const SharedConfig* const kConfig = new SharedConfig(MakeDefault());
  return *kConfig;
}

}  // namespace sluice::kustomize
