// Building a chart of a Helm repository (spec/source.md §4.5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/base/context.h"
#include "services/source-controller/helm_chart/build.h"
#include "services/source-controller/helm_chart/chart_repository.h"

namespace sluice::source_controller {

// OK for a name such as "web", "team/web" or "a.b"; else an error with ChartFailure::kReference.
absl::Status CheckRemoteChartName(const std::string& name);

// Fills `build` as far as it gets. Errors carry a ChartFailure. The archive is the repository's
// own, byte by byte, unless something in it has to change.
absl::Status BuildRemoteChart(const Context& ctx, ChartRepository& repository,
                              const std::string& chart, const std::string& version,
                              const ChartBuildOptions& options, ChartBuild& build);

}  // namespace sluice::source_controller
