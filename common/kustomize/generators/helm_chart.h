// Objects of Helm charts (`helmCharts`).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/kustomize/build_state.h"
#include "common/kustomize/decode.h"
#include "common/kustomize/file_loader.h"
#include "common/value/value.h"

namespace sluice::kustomize {

// One entry of helmCharts.
struct HelmChart {
  std::string home;  // folder of charts, relative to the kustomization; "" for "charts"
  std::string name;
  std::string version;
  std::string repo;
  std::string release_name;
  std::string namespace_name;
  std::string values_file;
  std::vector<std::string> additional_values_files;
  Value values_inline;  // null or a map
  std::string values_merge;
  std::string kube_version;
  std::vector<std::string> api_versions;
  std::string name_template;
  bool include_crds = false;
  bool skip_hooks = false;
  bool skip_tests = false;
};

// An entry of helmCharts; its home comes from helmGlobals.
absl::Status DecodeHelmChart(const Value& value, absl::string_view where, HelmChart& chart);
// An entry of the older helmChartInflationGenerator.
absl::Status DecodeOldHelmChart(const Value& value, absl::string_view where, HelmChart& chart);
// The fields of helmGlobals; only the home of charts has a meaning here.
absl::Status DecodeHelmGlobals(const Value& value, absl::string_view where, Decoding decoding,
                               std::string& home);
// The plugin HelmChartInflationGenerator has the fields of both, beside each other.
absl::StatusOr<HelmChart> DecodeHelmPlugin(const Value& value);

// kInvalidArgument if charts are not to be rendered, or the entry is no good.
absl::Status CheckHelmChart(const BuildState& state, const HelmChart& chart);

// The objects that the chart in the tree renders to, marked so that the kustomization's namespace
// is left to the chart, as kustomize 5.8 does. Charts are not fetched.
absl::StatusOr<std::vector<Resource*>> RenderHelmChart(BuildState& state, const FileLoader& loader,
                                                       const HelmChart& chart);

}  // namespace sluice::kustomize
