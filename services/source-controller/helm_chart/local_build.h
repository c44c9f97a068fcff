// Building a chart that is in a source's files (spec/source.md §4.6).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/base/context.h"
#include "common/fs/tree.h"
#include "services/source-controller/helm_chart/build.h"
#include "services/source-controller/helm_chart/dependencies.h"

namespace sluice::source_controller {

// Fills `build` as far as it gets. `chart` is a folder or an archive in `source`. Errors carry a
// ChartFailure.
absl::Status BuildLocalChart(const Context& ctx, const fs::Tree& source, const std::string& chart,
                             const FindRepository& find, const ChartBuildOptions& options,
                             ChartBuild& build);

}  // namespace sluice::source_controller
