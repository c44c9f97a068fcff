// A chart's dependencies that are not in its folder yet (spec/source.md §4.6).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/context.h"
#include "common/fs/tree.h"
#include "common/helm/chart.h"
#include "common/helm/loader.h"
#include "services/source-controller/helm_chart/chart_repository.h"

namespace sluice::source_controller {

// The Helm repository of a URL; a dependency is worked on by one thread.
using FindRepository =
    std::function<absl::StatusOr<std::unique_ptr<ChartRepository>>(const std::string& url)>;

// Where the chart is: `path` in `tree`, beyond which nothing is read.
struct ChartPlace {
  const fs::Tree& tree;
  std::string path;
};

// Adds to `files` what the lock file, or else Chart.yaml, asks for and charts/ does not have. How
// many charts were added. Errors have the words of Flux and no reason.
absl::StatusOr<size_t> AddDependencies(const Context& ctx, const ChartPlace& place,
                                       const helm::Metadata& metadata,
                                       const helm::LoadOptions& options, const FindRepository& find,
                                       std::vector<helm::ChartFile>& files);

}  // namespace sluice::source_controller
