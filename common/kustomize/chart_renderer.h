// The seam to Helm: what renders the `helmCharts` of a kustomization.
//
// kustomize runs the `helm` program for this; the engine here calls an object that the program
// which builds hands in (BuildOptions::helm), so that it needs no Helm engine itself.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/fs/tree.h"
#include "common/value/value.h"

namespace sluice::kustomize {

// One call of `helm template`.
struct ChartRelease {
  std::string chart;           // the chart's folder in the tree, a clean path
  std::vector<Value> values;   // over the chart's own, later ones over earlier ones, as of `-f`
  std::string name;            // of the release
  std::string namespace_name;  // "" for Helm's default
  std::string kube_version;    // "" for the renderer's default
  std::vector<std::string> api_versions;  // in addition to the renderer's own
  bool include_crds = false;
  bool skip_hooks = false;
  bool skip_tests = false;
};

// Implementations are safe for concurrent use and read nothing but the tree.
class ChartRenderer {
 public:
  virtual ~ChartRenderer() = default;

  // The manifests as `helm template` prints them: YAML documents separated by "---".
  virtual absl::StatusOr<std::string> Render(const fs::Tree& tree,
                                             const ChartRelease& release) const = 0;
};

// Whether and how a build renders charts.
struct HelmOptions {
  bool enabled = false;                     // otherwise helmCharts are refused, as by default
  const ChartRenderer* renderer = nullptr;  // without one helmCharts are refused all the same
  // For charts that do not say themselves.
  std::string kube_version;
  std::vector<std::string> api_versions;
};

}  // namespace sluice::kustomize
