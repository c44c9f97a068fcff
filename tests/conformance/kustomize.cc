// The corpus "kustomize": what `kustomize build` 5.8.1 prints for a folder.

// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/build.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/folder_tree.h"
#include "tests/conformance/kinds.h"

namespace sluice::conformance {
namespace {

kustomize::BuildOptions OptionsOf(const Value& recorded) {
  kustomize::BuildOptions options;
  options.load_restriction = recorded["loadRestrictor"].str() == "LoadRestrictionsNone"
                                 ? kustomize::LoadRestriction::kNone
                                 : kustomize::LoadRestriction::kRootOnly;
  options.reorder =
      recorded["reorder"].str() == "none" ? kustomize::Reorder::kNone : kustomize::Reorder::kLegacy;
  options.managed_by_label = recorded["enableManagedbyLabel"].bool_or(false);
  options.schema_adds_to_builtin = false;
  options.tree_root = "<ROOT>";
  return options;
}

absl::Status RunCase(const std::filesystem::path& folder, std::vector<Mismatch>& mismatches) {
  ASSIGN_OR_RETURN(const std::string command_text, ReadFile(folder / "cmd.json"));
  ASSIGN_OR_RETURN(const Value command, value::ParseJson(command_text));
  ASSIGN_OR_RETURN(const fs::MemoryTree tree, LoadFolder(folder / "input"));
  const absl::StatusOr<kustomize::BuildResult> result =
      kustomize::Build(tree, command["path"].str(), OptionsOf(command["options"]));
  const std::string actual =
      result.ok() ? result->ToYaml() : absl::StrCat("error: ", result.status().message());
  if (std::filesystem::exists(folder / "expected.yaml")) {
    ASSIGN_OR_RETURN(const std::string expected, ReadFile(folder / "expected.yaml"));
    if (!result.ok() || actual != expected) mismatches.push_back({"output", expected, actual});
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::string expected, ReadFile(folder / "expected-error.txt"));
  const absl::string_view fragment = command["errorFragment"].str();
  if (result.ok() || !absl::StrContains(actual, fragment)) {
    mismatches.push_back({"error", absl::StrCat("[", fragment, "] ", expected), actual});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunKustomize(const std::filesystem::path& path, Report& report) {
  for (const std::filesystem::path& folder : CaseFolders(path)) {
    std::vector<Mismatch> mismatches;
    if (const absl::Status status = RunCase(folder, mismatches); !status.ok()) {
      mismatches.push_back({"case", "readable", std::string(status.message())});
    }
    report.Add(folder.filename().string(), std::move(mismatches));
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
