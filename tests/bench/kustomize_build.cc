// `sluice build` beside the real `kustomize build`, process against process.
//
//   build/release/bin/kustomize_build [--kustomize PROGRAM] [--large]
//
// kustomize 5.8.1 takes minutes for 5,000 resources, which are built only with `--large`.

// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/disk/temp_dir.h"
#include "common/flags/command.h"
#include "tests/bench/kustomize_trees.h"
#include "tests/bench/process_cost.h"

namespace sluice::bench {
namespace {

void Write(const std::filesystem::path& folder, const Files& files) {
  for (const auto& [path, content] : files) {
    std::filesystem::create_directories((folder / path).parent_path());
    std::ofstream(folder / path) << content;
  }
}

struct Case {
  const char* name;
  Files (*files)();
  size_t our_rounds;
  size_t their_rounds;
};

constexpr Case kCases[] = {
    {"small folder", SmallFolder, 41, 21},
    {"small overlay with a patch", [] { return Overlay(6); }, 41, 21},
    {"40 nested components", [] { return ComponentTree(40); }, 21, 5},
    {"200 resources", [] { return Overlay(200); }, 21, 5},
    {"5,000 resources", [] { return Overlay(5'000); }, 5, 1},
};

absl::Status Measure(const std::string& kustomize, bool large, Figures& figures) {
  ASSIGN_OR_RETURN(const disk::TempDir temporary, disk::TempDir::Create("kustomize-build-"));
  for (const Case& one : kCases) {
    if (large != (one.their_rounds == 1)) continue;
    const std::filesystem::path tree = std::filesystem::path(temporary.path()) / one.name;
    Write(tree, one.files());
    Rounds ours = {{Beside("sluice"), "build", tree / kTop}, one.our_rounds};
    Rounds theirs;
    if (!kustomize.empty()) theirs = {{kustomize, "build", tree / kTop}, one.their_rounds};
    RETURN_IF_ERROR(Compare(figures, absl::StrCat("build: ", one.name), ours, theirs));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  std::string kustomize;
  bool large = false;
  sluice::Command command("kustomize_build", "Measures `sluice build` beside `kustomize build`.");
  command.Text("--kustomize", kustomize, "the path of kustomize, to compare with");
  command.Bool("--large", large, "only the largest tree");
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    return sluice::bench::Measure(kustomize, large, figures);
  });
}
