// The corpus "kustomize" through the built program: `sluice build` with kustomize's flags.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "tests/conformance/command.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/kinds.h"

namespace sluice::conformance {
namespace {

constexpr size_t kAtOnce = 4;

std::vector<std::string> CommandLine(const Value& command) {
  const Value& options = command["options"];
  std::vector<std::string> words = {(ProgramFolder() / "sluice").string(), "build"};
  if (const absl::string_view order = options["reorder"].str(); !order.empty()) {
    words.push_back(absl::StrCat("--reorder=", order));
  }
  if (const absl::string_view restrictor = options["loadRestrictor"].str(); !restrictor.empty()) {
    words.insert(words.end(), {"--load-restrictor", std::string(restrictor)});
  }
  if (options["enableManagedbyLabel"].bool_or(false)) words.push_back("--enable-managedby-label");
  words.push_back(std::string(command["path"].str()));
  return words;
}

absl::Status RunCase(const std::filesystem::path& folder, std::vector<Mismatch>& mismatches) {
  ASSIGN_OR_RETURN(const std::string command_text, ReadFile(folder / "cmd.json"));
  ASSIGN_OR_RETURN(const Value command, value::ParseJson(command_text));
  const std::filesystem::path input = std::filesystem::canonical(folder / "input");
  ASSIGN_OR_RETURN(const CommandResult result, RunCommand(CommandLine(command), input));
  const std::string printed = absl::StrCat("exit code ", result.exit_code, "\n", result.err);
  if (std::filesystem::exists(folder / "expected.yaml")) {
    ASSIGN_OR_RETURN(const std::string expected, ReadFile(folder / "expected.yaml"));
    if (result.exit_code != 0) mismatches.push_back({"exit", "exit code 0", printed});
    if (result.out != expected) mismatches.push_back({"output", expected, result.out});
    return absl::OkStatus();
  }
  const std::string fragment =
      absl::StrReplaceAll(command["errorFragment"].str(), {{"<ROOT>", input.string()}});
  if (result.exit_code != 1 || !absl::StartsWith(result.err, "Error: ") ||
      !absl::StrContains(result.err, fragment)) {
    mismatches.push_back({"error", absl::StrCat("exit code 1\nError: ... ", fragment), printed});
  }
  if (!result.out.empty()) mismatches.push_back({"output", "", result.out});
  return absl::OkStatus();
}

}  // namespace

absl::Status RunKustomizeCommand(const std::filesystem::path& path, Report& report) {
  std::vector<std::filesystem::path> folders = CaseFolders(path);
  std::vector<std::vector<Mismatch>> mismatches(folders.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < folders.size(); i = next++) {
      if (const absl::Status status = RunCase(folders[i], mismatches[i]); !status.ok()) {
        mismatches[i].push_back({"case", "readable", std::string(status.message())});
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    for (size_t i = 0; i < kAtOnce; ++i) workers.emplace_back(work);
  }
  for (size_t i = 0; i < folders.size(); ++i) {
    report.Add(folders[i].filename().string(), std::move(mismatches[i]));
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
