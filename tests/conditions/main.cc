// conditions: replays scenarios that were recorded from Flux against the built programs.
//
//   conditions ../shared/corpus/conditions --only git-

// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/flags/command.h"
#include "tests/conditions/fixtures.h"
#include "tests/conditions/replay.h"
#include "tests/conditions/scenario.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/process.h"

namespace sluice::conditions {
namespace {

using Kind = KnownDifferences::Kind;

struct Options {
  std::string corpus;
  std::string only;
  std::string known = SLUICE_TEST_SOURCE "/tests/conditions/known_differences.txt";
  bool all = false;
  bool messages = false;
  absl::Duration limit = absl::Seconds(45);
};

void Print(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::cout << "  " << line << "\n";
}

// Whether the result is what was to be expected; says why not.
bool Report(const Options& options, const Scenario& scenario, const Result& result,
            const KnownDifferences::Entry* entry) {
  if (result.equal) {
    std::cout << "equal    " << scenario.name << "  " << absl::FormatDuration(result.took) << "\n";
    if (options.messages) Print(result.message_differences);
    if (entry == nullptr || entry->kind == Kind::kVaries || options.all) return true;
    std::cout << "  but it is listed as different (" << entry->reason << "): remove that line\n";
    return false;
  }
  std::cout << (entry != nullptr ? "differs  " : "FAILED   ") << scenario.name
            << (entry != nullptr ? absl::StrCat("  ", entry->reason) : "") << "\n";
  if (entry == nullptr || options.all) Print(result.differences);
  return entry != nullptr;
}

absl::StatusOr<int> Run(const Options& options) {
  ASSIGN_OR_RETURN(const KnownDifferences known,
                   KnownDifferences::Parse(e2e::ReadFile(options.known)));
  ASSIGN_OR_RETURN(const auto fixtures, Fixtures::Start());
  std::vector<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(options.corpus)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && absl::StartsWith(name, options.only)) {
      folders.push_back(entry.path().string());
    }
  }
  std::sort(folders.begin(), folders.end());
  std::vector<Scenario> scenarios;
  size_t skipped = 0;
  for (const std::string& folder : folders) {
    ASSIGN_OR_RETURN(Scenario scenario,
                     LoadScenario(folder, {fixtures->url(), fixtures->first_commit(), "10s"}));
    const KnownDifferences::Entry* entry = known.Find(scenario.name);
    if (!options.all && entry != nullptr && entry->kind == Kind::kSkip) {
      std::cout << "skipped  " << scenario.name << "  " << entry->reason << "\n";
      ++skipped;
      continue;
    }
    scenarios.push_back(std::move(scenario));
  }
  // Waits are short and workers many, so that no scenario holds another up.
  e2e::ClusterOptions cluster_options;
  cluster_options.controllers = {"source-controller", "kustomize-controller", "helm-controller",
                                 "image-controller"};
  for (const std::string& controller : cluster_options.controllers) {
    cluster_options.flags[controller] = {"--concurrent=16", "--requeue-dependency=2s"};
  }
  cluster_options.watch_all_namespaces = true;
  // The recording's API server had no workload controllers.
  cluster_options.flags["dev-apiserver"] = {"--workloads=false"};
  ASSIGN_OR_RETURN(const auto cluster, e2e::Cluster::Start(cluster_options));
  const std::vector<Result> results = Replay(*cluster, scenarios, fixtures->url(), options.limit);
  size_t equal = 0;
  bool as_expected = true;
  for (size_t i = 0; i < scenarios.size(); ++i) {
    as_expected &= Report(options, scenarios[i], results[i], known.Find(scenarios[i].name));
    equal += results[i].equal ? 1 : 0;
  }
  const std::string casualties = cluster->Casualties();
  std::cout << casualties << equal << " equal, " << scenarios.size() - equal << " differ, "
            << skipped << " skipped\n";
  return as_expected && casualties.empty() && !folders.empty() ? 0 : 1;
}

}  // namespace
}  // namespace sluice::conditions

int main(int argc, char** argv) {
  sluice::conditions::Options options;
  sluice::Command command("conditions",
                          "Replays scenarios recorded from Flux against the built programs.");
  command.Positional("corpus", options.corpus, "folder of the recorded scenarios", true);
  command.Text("--only", options.only, "run the scenarios whose names begin so");
  command.Text("--known", options.known, "file of the differences that are known");
  command.Bool("--all", options.all, "run skipped ones too, and show known differences");
  command.Bool("--messages", options.messages, "show messages of conditions that differ");
  command.Duration("--limit", options.limit, "how long the scenarios have to become equal");
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  const auto code = sluice::conditions::Run(options);
  if (code.ok()) return *code;
  std::cerr << "conditions: " << code.status().message() << "\n";
  return 2;
}
