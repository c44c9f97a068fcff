// Capabilities: what a chart is told of the cluster it is rendered for.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/helm/chart.h"

namespace sluice::helm {

// The version of the cluster.
struct KubeVersion {
  std::string version;     // "v1.34.1-gke.100"
  std::string normalized;  // "v1.34.1", of what was given by the user; "" of a discovered version
  std::string major;
  std::string minor;

  // What a chart's `kubeVersion` is compared with.
  const std::string& comparable() const { return normalized.empty() ? version : normalized; }
};

struct Capabilities {
  KubeVersion kube_version;
  // "apps/v1" and, where it was discovered, "apps/v1/Deployment".
  std::vector<std::string> api_versions;
};

// What Helm assumes without a cluster: the Kubernetes it was built for and its built-in versions.
Capabilities DefaultCapabilities(Dialect dialect);

// --kube-version. kInvalidArgument with Helm's words.
absl::StatusOr<KubeVersion> ParseKubeVersion(absl::string_view text, Dialect dialect);

// What the program says of itself.
struct HelmVersion {
  std::string version;
  std::string go_version;
  std::string kube_client_version;  // Helm 4 only
};
HelmVersion HelmVersionOf(Dialect dialect);

}  // namespace sluice::helm
