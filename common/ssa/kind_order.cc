// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/kind_order.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace sluice::ssa {
namespace {

constexpr std::array<absl::string_view, 23> kFirst = {
    "CustomResourceDefinition",
    "Namespace",
    "ClusterRole",
    "ClusterClass",
    "RuntimeClass",
    "PriorityClass",
    "StorageClass",
    "VolumeSnapshotClass",
    "IngressClass",
    "GatewayClass",
    "ClusterRoleBinding",
    "ResourceQuota",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ConfigMap",
    "Secret",
    "Service",
    "LimitRange",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
};

size_t Rank(absl::string_view kind) {
  if (kind == "MutatingWebhookConfiguration") return kFirst.size() + 1;
  if (kind == "ValidatingWebhookConfiguration") return kFirst.size() + 2;
  return static_cast<size_t>(std::find(kFirst.begin(), kFirst.end(), kind) - kFirst.begin());
}

}  // namespace

Stage StageOf(const ObjectId& id, const std::set<std::string>& custom) {
  const kube::GroupVersionKind& gvk = id.gvk;
  if ((gvk.kind == "CustomResourceDefinition" && gvk.group == "apiextensions.k8s.io") ||
      (gvk.kind == "Namespace" && gvk.group.empty()) ||
      (gvk.kind == "ClusterRole" && gvk.group == "rbac.authorization.k8s.io")) {
    return Stage::kDefinitions;
  }
  if (absl::EndsWith(gvk.kind, "Class")) return Stage::kClasses;
  if (custom.contains(absl::StrCat(gvk.group, "/", gvk.kind))) return Stage::kCustom;
  return Stage::kEverythingElse;
}

bool AppliedBefore(const ObjectId& a, const ObjectId& b) {
  const auto key = [](const ObjectId& id) {
    return std::make_tuple(Rank(id.gvk.kind), absl::string_view(id.gvk.group),
                           absl::string_view(id.gvk.kind), absl::string_view(id.key.ns),
                           absl::string_view(id.key.name));
  };
  return key(a) < key(b);
}

}  // namespace sluice::ssa
