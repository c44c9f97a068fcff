// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/resource_id.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/kustomize/merge_schema.h"

namespace sluice::kustomize {
namespace {

absl::string_view Or(absl::string_view text, absl::string_view fallback) {
  return text.empty() ? fallback : text;
}

constexpr absl::string_view kFirst[] = {
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
};
constexpr absl::string_view kLast[] = {
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
};

// The place of a kind in the order of application; 0 for all that are not listed.
int OrderOf(absl::string_view kind) {
  const auto* const first = std::find(std::begin(kFirst), std::end(kFirst), kind);
  if (first != std::end(kFirst)) return static_cast<int>(first - std::end(kFirst));
  const auto* const last = std::find(std::begin(kLast), std::end(kLast), kind);
  return last == std::end(kLast) ? 0 : static_cast<int>(last - std::begin(kLast)) + 1;
}

}  // namespace

std::string Gvk::ApiVersion() const {
  return group.empty() ? std::string(version) : absl::StrCat(group, "/", version);
}

std::string Gvk::ToString() const {
  return absl::StrCat(Or(kind, "[noKind]"), ".", Or(version, "[noVer]"), ".", Or(group, "[noGrp]"));
}

void ParseApiVersion(absl::string_view api_version, Gvk& gvk) {
  const size_t slash = api_version.find('/');
  if (slash == absl::string_view::npos) {
    gvk.group = absl::string_view();
    gvk.version = api_version;
  } else {
    gvk.group = api_version.substr(0, slash);
    gvk.version = api_version.substr(slash + 1);
  }
}

std::string Gvk::ToSortText() const {
  return absl::StrCat(Or(group, "~G"), "_", Or(version, "~V"), "_", Or(kind, "~K"));
}

std::span<const absl::string_view> FirstKinds() { return kFirst; }
std::span<const absl::string_view> LastKinds() { return kLast; }

bool GvkLess(const Gvk& a, const Gvk& b) {
  const int order_a = OrderOf(a.kind);
  const int order_b = OrderOf(b.kind);
  if (order_a != order_b) return order_a < order_b;
  // Texts that start alike need not be made.
  if (a.group == b.group && a.version == b.version && !a.kind.empty() && !b.kind.empty()) {
    return a.kind < b.kind;
  }
  return a.ToSortText() < b.ToSortText();
}

std::string ResourceId::ToString() const {
  return absl::StrCat(gvk.ToString(), "/", Or(name, "[noName]"), ".", Or(namespace_name, "[noNs]"));
}

std::string ResourceId::Key() const {
  constexpr absl::string_view kSeparator("\0", 1);
  return absl::StrCat(absl::StrCat(gvk.kind, kSeparator, name, kSeparator, EffectiveNamespace()),
                      kSeparator, gvk.version, kSeparator, gvk.group);
}

bool IsClusterScoped(const Gvk& gvk, const MergeSchema* custom) {
  const Scope scope = BuiltinScope(gvk);
  if (scope != Scope::kUnknown) return scope == Scope::kCluster;
  return custom != nullptr && custom->ScopeOf(gvk) == Scope::kCluster;
}

}  // namespace sluice::kustomize
