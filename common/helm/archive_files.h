// The files in a chart's archive.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/helm/chart.h"
#include "common/helm/loader.h"

namespace sluice::helm {

// What is left of the limits on everything that one load unpacks.
struct LoadBudget {
  explicit LoadBudget(const LoadLimits& limits)
      : bytes(limits.total_bytes), files(limits.files), charts(limits.charts) {}

  // kResourceExhausted if it is too much.
  absl::Status TakeFile(uint64_t size);
  absl::Status TakeChart();

  uint64_t bytes;
  size_t files;
  size_t charts;
};

// The files by their paths below the archive's one folder, a byte order mark at their start
// dropped. kInvalidArgument with Helm's words for what is no archive or has names that lead
// elsewhere.
absl::StatusOr<std::vector<ChartFile>> ReadArchiveFiles(absl::string_view bytes,
                                                        const LoadOptions& options,
                                                        LoadBudget& budget);

}  // namespace sluice::helm
