// SPDX-License-Identifier: Apache-2.0
#include "common/helm/capabilities.h"

#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/semver/kube_version.h"

namespace sluice::helm {
namespace {

// Those of client-go 0.37 (Helm 3.22) and 0.36 (Helm 4.2), which are the same.
constexpr const char* kApiVersions[] = {
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
};

}  // namespace

Capabilities DefaultCapabilities(Dialect dialect) {
  const std::string minor = dialect == Dialect::kHelm3 ? "37" : "36";
  const std::string version = absl::StrCat("v1.", minor, ".0");
  return {.kube_version = {.version = version, .normalized = version, .major = "1", .minor = minor},
          .api_versions = {std::begin(kApiVersions), std::end(kApiVersions)}};
}

absl::StatusOr<KubeVersion> ParseKubeVersion(absl::string_view text, Dialect dialect) {
  absl::StatusOr<semver::KubeVersion> parsed = semver::ParseKubeVersion(text);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid kube version '", text, "': ", parsed.status().message()));
  }
  KubeVersion version{.version = parsed->version,
                      .normalized = parsed->version,
                      .major = std::move(parsed->major),
                      .minor = std::move(parsed->minor)};
  // Helm 4 keeps what a vendor put behind the numbers.
  if (dialect == Dialect::kHelm4) {
    version.version = absl::StartsWith(text, "v") ? std::string(text) : absl::StrCat("v", text);
  }
  return version;
}

HelmVersion HelmVersionOf(Dialect dialect) {
  if (dialect == Dialect::kHelm3) return {.version = "v3.22", .go_version = "go1.26.8"};
  return {.version = "v4.2", .go_version = "go1.26.8", .kube_client_version = "v1.36"};
}

}  // namespace sluice::helm
