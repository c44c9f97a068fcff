// Charts' archives: the input is the tar, which is compressed here so that it is read at all, and
// then the archive itself. Nothing that is unpacked leaves the chart or passes the limits.

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/match.h"
#include "common/archive/gzip.h"
#include "common/helm/archive_files.h"
#include "common/helm/loader.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

namespace {

void Check(absl::string_view bytes) {
  constexpr size_t kMegabyte = 1 << 20;
  const helm::LoadOptions options{.limits = {.file_bytes = kMegabyte / 4,
                                             .chart_bytes = kMegabyte,
                                             .total_bytes = 4 * kMegabyte,
                                             .files = 200,
                                             .charts = 20,
                                             .depth = 5}};
  helm::LoadBudget budget(options.limits);
  if (const auto files = helm::ReadArchiveFiles(bytes, options, budget); files.ok()) {
    Require(files->size() <= options.limits.files, "no more files than the limit");
    size_t size = 0;
    for (const helm::ChartFile& file : *files) {
      size += file.data.size();
      Require(!absl::StartsWith(file.name, "/") && !absl::StartsWith(file.name, ".."),
              "a file is within the chart", file.name);
    }
    Require(size <= options.limits.chart_bytes, "no more bytes than the limit");
  }
  static_cast<void>(helm::LoadArchive(bytes, options));
}

}  // namespace

FUZZ_TARGET(helm_archive, input) {
  Check(input);
  Check(archive::Gzip(input, {.level = 1}));
}

}  // namespace sluice::fuzz
