// SPDX-License-Identifier: Apache-2.0
#include "common/helm/kind_order.h"

#include <cstddef>
#include <span>

namespace sluice::helm {
namespace {

// Uninstalling goes the other way round. The webhooks are known to Helm 4 only.
constexpr absl::string_view kInstallOrder[] = {"PriorityClass",
                                               "Namespace",
                                               "NetworkPolicy",
                                               "ResourceQuota",
                                               "LimitRange",
                                               "PodSecurityPolicy",
                                               "PodDisruptionBudget",
                                               "ServiceAccount",
                                               "Secret",
                                               "SecretList",
                                               "ConfigMap",
                                               "StorageClass",
                                               "PersistentVolume",
                                               "PersistentVolumeClaim",
                                               "CustomResourceDefinition",
                                               "ClusterRole",
                                               "ClusterRoleList",
                                               "ClusterRoleBinding",
                                               "ClusterRoleBindingList",
                                               "Role",
                                               "RoleList",
                                               "RoleBinding",
                                               "RoleBindingList",
                                               "Service",
                                               "DaemonSet",
                                               "Pod",
                                               "ReplicationController",
                                               "ReplicaSet",
                                               "Deployment",
                                               "HorizontalPodAutoscaler",
                                               "StatefulSet",
                                               "Job",
                                               "CronJob",
                                               "IngressClass",
                                               "Ingress",
                                               "APIService",
                                               "MutatingWebhookConfiguration",
                                               "ValidatingWebhookConfiguration"};
constexpr size_t kKnownToHelm3 = std::size(kInstallOrder) - 2;

constexpr absl::string_view kUninstallOrder[] = {"ValidatingWebhookConfiguration",
                                                 "MutatingWebhookConfiguration",
                                                 "APIService",
                                                 "Ingress",
                                                 "IngressClass",
                                                 "Service",
                                                 "CronJob",
                                                 "Job",
                                                 "StatefulSet",
                                                 "HorizontalPodAutoscaler",
                                                 "Deployment",
                                                 "ReplicaSet",
                                                 "ReplicationController",
                                                 "Pod",
                                                 "DaemonSet",
                                                 "RoleBindingList",
                                                 "RoleBinding",
                                                 "RoleList",
                                                 "Role",
                                                 "ClusterRoleBindingList",
                                                 "ClusterRoleBinding",
                                                 "ClusterRoleList",
                                                 "ClusterRole",
                                                 "CustomResourceDefinition",
                                                 "PersistentVolumeClaim",
                                                 "PersistentVolume",
                                                 "StorageClass",
                                                 "ConfigMap",
                                                 "SecretList",
                                                 "Secret",
                                                 "ServiceAccount",
                                                 "PodDisruptionBudget",
                                                 "PodSecurityPolicy",
                                                 "LimitRange",
                                                 "ResourceQuota",
                                                 "NetworkPolicy",
                                                 "Namespace",
                                                 "PriorityClass"};

using Order = std::span<const absl::string_view>;

size_t PlaceOf(absl::string_view kind, Order order) {
  for (size_t i = 0; i < order.size(); ++i) {
    if (order[i] == kind) return i;
  }
  return order.size();
}

bool Before(absl::string_view a, absl::string_view b, Order order) {
  const size_t place_a = PlaceOf(a, order);
  const size_t place_b = PlaceOf(b, order);
  if (place_a != place_b) return place_a < place_b;
  return place_a == order.size() && a < b;
}

}  // namespace

bool InstalledBefore(absl::string_view a, absl::string_view b, Dialect dialect) {
  const Order order(kInstallOrder);
  return Before(a, b, dialect == Dialect::kHelm3 ? order.first(kKnownToHelm3) : order);
}

bool UninstalledBefore(absl::string_view a, absl::string_view b, Dialect dialect) {
  const Order order(kUninstallOrder);
  return Before(a, b, dialect == Dialect::kHelm3 ? order.subspan(2) : order);
}

}  // namespace sluice::helm
