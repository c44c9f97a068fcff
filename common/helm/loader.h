// Loading charts: from files in memory, from a folder and from an archive (.tgz).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/tree.h"
#include "common/helm/chart.h"

namespace sluice::helm {

// Helm's own bounds on sizes, which hold for each archive by itself; ours on what archives inside
// one another, files and charts come to.
struct LoadLimits {
  uint64_t file_bytes = 5ULL << 20;
  uint64_t chart_bytes = 100ULL << 20;  // unpacked
  uint64_t total_bytes = 400ULL << 20;  // unpacked, with the archives inside
  size_t files = 50'000;                // with those of the archives inside
  size_t charts = 5'000;                // with all dependencies
  size_t depth = 32;                    // charts inside one another
};

struct LoadOptions {
  Dialect dialect = Dialect::kHelm4;
  LoadLimits limits;
};

// A chart from all of its files, those of charts/ included, in any order. kInvalidArgument with
// Helm's words ("Chart.yaml file is missing", "validation: …"), kResourceExhausted at a limit.
absl::StatusOr<std::shared_ptr<const Chart>> LoadFiles(std::vector<ChartFile> files,
                                                       const LoadOptions& options = {});

// A chart from a folder, whose .helmignore holds. Links are followed where they lead to something
// in the tree; kFailedPrecondition for others.
absl::StatusOr<std::shared_ptr<const Chart>> LoadTree(const fs::Tree& tree,
                                                      const LoadOptions& options = {});

// A chart from the bytes of an archive. Archives have no .helmignore.
absl::StatusOr<std::shared_ptr<const Chart>> LoadArchive(absl::string_view bytes,
                                                         const LoadOptions& options = {});

}  // namespace sluice::helm
