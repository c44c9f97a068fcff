// Charts: files are loaded, dependencies processed, values merged and templates rendered, in both
// dialects. The input is files one after the other, each behind a line "=== path"; what "user.yaml"
// holds are the user's values.

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/fs/memory_tree.h"
#include "common/helm/loader.h"
#include "common/helm/release.h"
#include "common/helm/values_file.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

namespace {

constexpr absl::string_view kUserValues = "user.yaml";

std::vector<helm::ChartFile> FilesOf(absl::string_view input) {
  std::vector<helm::ChartFile> files;
  for (absl::string_view line : absl::StrSplit(input, '\n')) {
    if (absl::ConsumePrefix(&line, "=== ")) {
      files.push_back({std::string(line), ""});
    } else if (!files.empty()) {
      files.back().data.append(line.data(), line.size());
      files.back().data += '\n';
    }
  }
  return files;
}

void Check(const std::shared_ptr<const helm::Chart>& chart, absl::string_view user,
           helm::Dialect dialect) {
  Require(!chart->metadata.name.empty(), "a chart has a name");
  const absl::StatusOr<Value> values = helm::ParseValuesFile(user, dialect);
  if (!values.ok()) return;
  helm::ReleaseOptions options;
  options.render.dialect = dialect;
  options.render.limits.steps = 100'000;
  options.render.limits.output_bytes = 1 << 20;
  options.render.limits.function_bytes = 4 << 20;
  options.include_crds = true;
  const auto release = helm::RenderRelease(chart, *values, {.release = {.name = "r"}}, options);
  if (!release.ok()) {
    Require(!release.status().message().empty(), "an error says something");
    return;
  }
  for (const helm::Manifest& manifest : release->manifests) {
    Require(manifest.path.starts_with(chart->metadata.name), "a path begins with the chart");
  }
}

}  // namespace

FUZZ_TARGET(helm_chart, input) {
  std::vector<helm::ChartFile> files = FilesOf(input);
  std::string user;
  fs::MemoryTree tree;
  for (const helm::ChartFile& file : files) {
    if (file.name == kUserValues) user = file.data;
    static_cast<void>(tree.AddFile(file.name, file.data));
  }
  for (const helm::Dialect dialect : {helm::Dialect::kHelm4, helm::Dialect::kHelm3}) {
    const helm::LoadOptions options{.dialect = dialect};
    if (const auto chart = helm::LoadTree(tree, options); chart.ok()) Check(*chart, user, dialect);
    if (const auto chart = helm::LoadFiles(files, options); chart.ok())
      Check(*chart, user, dialect);
  }
}

}  // namespace sluice::fuzz
