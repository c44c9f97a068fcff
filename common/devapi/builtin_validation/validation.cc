// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/validation.h"

#include <iterator>

#include "common/devapi/builtin_validation/core.h"
#include "common/devapi/builtin_validation/field.h"
#include "common/devapi/builtin_validation/jobs.h"
#include "common/devapi/builtin_validation/object_meta.h"
#include "common/devapi/builtin_validation/pod.h"
#include "common/devapi/builtin_validation/policies.h"
#include "common/devapi/builtin_validation/workloads.h"

namespace sluice::devapi {
namespace {

constexpr absl::string_view kRbac = "rbac.authorization.k8s.io";

MetadataRules RulesOf(absl::string_view group, absl::string_view kind, bool namespaced) {
  const bool machinery = group == "apiextensions.k8s.io" || group == "apiregistration.k8s.io";
  return {NameRuleOf(group, kind), namespaced, !machinery};
}

void ValidatePod(const Field& object, FieldErrors& errors) {
  ValidatePodSpec(object["spec"], errors);
}

void ValidateNewPod(const Field& object, FieldErrors& errors) {
  ValidatePodCreation(object["spec"], errors);
}

void ValidatePodUpdate(const Field& old_object, const Field& object, FieldErrors& errors) {
  ValidatePodSpecUpdate(old_object["spec"], object["spec"], errors);
}

struct Row {
  absl::string_view group;
  absl::string_view kind;
  void (*check)(const Field& object, FieldErrors& errors);  // may be null
  void (*check_update)(const Field& old_object, const Field& object, FieldErrors& errors);
};

constexpr Row kRows[] = {
    {"", "ConfigMap", ValidateConfigMap, ValidateConfigMapUpdate},
    {"", "Event", ValidateEvent, nullptr},
    {"", "PersistentVolume", ValidateVolume, nullptr},
    {"", "PersistentVolumeClaim", ValidateClaim, ValidateClaimUpdate},
    {"", "Pod", ValidatePod, ValidatePodUpdate},
    {"", "Secret", ValidateSecret, ValidateSecretUpdate},
    {"", "Service", ValidateService, ValidateServiceUpdate},
    {"apps", "DaemonSet", ValidateDaemonSet, ValidateSelectorUpdate},
    {"apps", "Deployment", ValidateDeployment, ValidateSelectorUpdate},
    {"apps", "ReplicaSet", ValidateReplicaSet, ValidateSelectorUpdate},
    {"apps", "StatefulSet", ValidateStatefulSet, ValidateStatefulSetUpdate},
    {"autoscaling", "HorizontalPodAutoscaler", ValidateAutoscaler, nullptr},
    {"batch", "CronJob", ValidateCronJob, nullptr},
    {"batch", "Job", ValidateJob, ValidateJobUpdate},
    {"coordination.k8s.io", "Lease", ValidateLease, nullptr},
    {"networking.k8s.io", "Ingress", ValidateIngress, nullptr},
    {"networking.k8s.io", "IngressClass", nullptr, ValidateIngressClassUpdate},
    {"policy", "PodDisruptionBudget", ValidateDisruptionBudget, nullptr},
    {kRbac, "ClusterRole", ValidateClusterRole, nullptr},
    {kRbac, "ClusterRoleBinding", ValidateClusterRoleBinding, ValidateRoleBindingUpdate},
    {kRbac, "Role", ValidateRole, nullptr},
    {kRbac, "RoleBinding", ValidateRoleBinding, ValidateRoleBindingUpdate},
    {"scheduling.k8s.io", "PriorityClass", nullptr, ValidatePriorityClassUpdate},
    {"storage.k8s.io", "StorageClass", nullptr, ValidateStorageClassUpdate},
};

const Row* FindRow(absl::string_view group, absl::string_view kind) {
  for (const Row& row : kRows) {
    if (row.group == group && row.kind == kind) return &row;
  }
  return nullptr;
}

}  // namespace

FieldErrors ValidateBuiltinCreate(absl::string_view group, absl::string_view,
                                  absl::string_view kind, bool namespaced, const Value& object) {
  FieldErrors errors;
  ValidateObjectMeta(object["metadata"], RulesOf(group, kind, namespaced), errors);
  const Row* const row = FindRow(group, kind);
  const bool is_pod = group.empty() && kind == "Pod";
  if (is_pod) {
    ValidateNewPod({object, FieldPath()}, errors);
  } else if (row != nullptr && row->check != nullptr) {
    row->check({object, FieldPath()}, errors);
  }
  return errors;
}

FieldErrors ValidateBuiltinUpdate(absl::string_view group, absl::string_view,
                                  absl::string_view kind, bool namespaced, const Value& old,
                                  const Value& object) {
  FieldErrors errors;
  ValidateObjectMetaUpdate(old["metadata"], object["metadata"], RulesOf(group, kind, namespaced),
                           errors);
  const Row* const row = FindRow(group, kind);
  if (row == nullptr) return errors;
  const Field field = {object, FieldPath()};
  if (row->check != nullptr) row->check(field, errors);
  if (row->check_update != nullptr) row->check_update({old, FieldPath()}, field, errors);
  return errors;
}

}  // namespace sluice::devapi
