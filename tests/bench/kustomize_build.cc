// `sluice build` against the real `kustomize`, and the engine by itself.
//
//   build/release/bin/kustomize_build [FOLDER]
//
// Whole processes: wall time, CPU time (both the median) and largest memory of `sluice build`,
// which is taken from beside this program, and of the `kustomize` on $PATH, if there is one; the
// two take turns. In process: the time by number of resources. FOLDER keeps the trees that are
// built.
//
// kustomize 5.8.1 takes minutes for 5,000 resources, which it is therefore given only once.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/disk/temp_dir.h"
#include "common/fs/memory_tree.h"
#include "common/kustomize/build.h"
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
    {"small overlay, patch", [] { return Overlay(6); }, 41, 21},
    {"40 nested components", [] { return ComponentTree(40); }, 21, 5},
    {"200 resources", [] { return Overlay(200); }, 21, 5},
    {"5,000 resources", [] { return Overlay(5'000); }, 5, 1},
};

void PrintRow(absl::string_view name, absl::string_view what, const ProcessCost& cost) {
  std::cout << absl::StrFormat("%-22s %-10s %10.2f ms %10.2f ms %8.1f MB\n", name, what,
                               cost.wall_ms, cost.cpu_ms, cost.memory_mb);
}

// Rounds are interleaved so that both sides see the same machine.
absl::Status Compare(const Case& one, const std::string& folder, const std::string& sluice,
                     const std::string& kustomize) {
  std::vector<ProcessCost> ours;
  std::vector<ProcessCost> theirs;
  const size_t their_rounds = kustomize.empty() ? 0 : one.their_rounds;
  while (ours.size() < one.our_rounds || theirs.size() < their_rounds) {
    for (auto [runs, rounds, program] : {std::tuple(&ours, one.our_rounds, &sluice),
                                         std::tuple(&theirs, their_rounds, &kustomize)}) {
      if (runs->size() >= rounds) continue;
      const absl::StatusOr<ProcessCost> cost = RunOnce({*program, "build", folder});
      if (!cost.ok()) return cost.status();
      runs->push_back(*cost);
    }
  }
  const ProcessCost our = Median(ours);
  PrintRow(one.name, "sluice", our);
  if (theirs.empty()) return absl::OkStatus();
  const ProcessCost their = Median(theirs);
  PrintRow("", "kustomize", their);
  std::cout << absl::StrFormat("%-22s %-10s %10.1f x  %10.1f x  %8.1f x\n", "", "ratio",
                               their.wall_ms / our.wall_ms, their.cpu_ms / our.cpu_ms,
                               their.memory_mb / our.memory_mb)
            << std::flush;
  return absl::OkStatus();
}

absl::Status CompareProcesses(const std::filesystem::path& folder) {
  const std::string sluice =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "sluice";
  const std::string kustomize = OnPath("kustomize");
  if (kustomize.empty()) {
    std::cout << "No kustomize on $PATH: only sluice is measured. The peer is `go install "
                 "sigs.k8s.io/kustomize/kustomize/v5@v5.8.1`.\n";
  }
  std::cout << absl::StrFormat("%-22s %-10s %13s %13s %11s\n", "whole process", "", "wall", "CPU",
                               "memory");
  const absl::StatusOr<ProcessCost> nothing = RunOnce({"/bin/true"});
  if (nothing.ok()) PrintRow("(nothing)", "true", *nothing);
  size_t number = 0;
  for (const Case& one : kCases) {
    const std::filesystem::path tree = folder / absl::StrCat(++number);
    Write(tree, one.files());
    const absl::Status status = Compare(one, tree / kTop, sluice, kustomize);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

void MeasureInProcess(size_t resources, size_t rounds) {
  const fs::MemoryTree tree = fs::MemoryTree::FromFiles(Overlay(resources)).value();
  std::vector<double> times;
  for (size_t i = 0; i < rounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const std::string text = kustomize::Build(tree, kTop).value().ToYaml();
    const auto taken = std::chrono::steady_clock::now() - start;
    if (text.empty()) std::cerr << "nothing built\n";
    times.push_back(std::chrono::duration<double, std::milli>(taken).count());
  }
  std::sort(times.begin(), times.end());
  std::cout << absl::StrFormat("%6d resources: best %8.2f ms, median %8.2f ms, %5.1f us each\n",
                               resources, times.front(), times[times.size() / 2],
                               times.front() * 1e3 / static_cast<double>(resources));
}

int Main(int argc, char** argv) {
  const absl::StatusOr<disk::TempDir> temporary = disk::TempDir::Create("kustomize-build-");
  if (!temporary.ok()) {
    std::cerr << temporary.status().message() << "\n";
    return 1;
  }
  // First, while this process, whose memory others start with, is small.
  const absl::Status status = CompareProcesses(argc > 1 ? argv[1] : temporary->path());
  if (!status.ok()) {
    std::cerr << status.message() << "\n";
    return 1;
  }
  std::cout << "\nin process\n";
  for (const auto& [resources, rounds] : {std::pair<size_t, size_t>{6, 300},
                                          {50, 50},
                                          {200, 30},
                                          {1'000, 10},
                                          {5'000, 5},
                                          {20'000, 3}}) {
    MeasureInProcess(resources, rounds);
  }
  return 0;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) { return sluice::bench::Main(argc, argv); }
