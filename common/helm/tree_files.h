// The files of a chart's folder.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "common/fs/tree.h"
#include "common/helm/chart.h"
#include "common/helm/loader.h"

namespace sluice::helm {

// What LoadTree() reads, by paths in the chart: .helmignore holds, links are followed inside the
// tree, a byte order mark at a file's start is dropped.
absl::StatusOr<std::vector<ChartFile>> ReadTreeFiles(const fs::Tree& tree,
                                                     const LoadOptions& options = {});

}  // namespace sluice::helm
