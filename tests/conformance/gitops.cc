// The corpus "gitops": whole repositories of real clusters, and the objects that the reference's
// offline build gives for each of their Kustomizations. Where the reference gives up, what we
// render beyond it is no mismatch; where we do not, known differences are listed with their reason.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/plan/source_tree.h"
#include "cli/plan/walk.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/kinds.h"

namespace sluice::conformance {
namespace {

// Kustomizations that we do not render, with what we say instead.
struct KnownDifference {
  const char* repository;
  const char* kustomization;
  const char* says;
};
constexpr KnownDifference kKnown[] = {
    // Their sources are another branch and a registry: to build them out of this tree, as the
    // reference tries to, would be wrong.
    {"multi-tenancy", "apps/dev-team", "is elsewhere"},
    {"multi-tenancy", "flux-system/kyverno-controller", "is elsewhere"},
    // The recorded copy of the repository lacks the .php files that its generator names.
    {"k8s-gitops-x", "game-servers/emberstone-portal", "resources/config.php"},
};

std::string Name(const plan::PlannedObject& object) {
  return absl::StrCat(object.id.gvk.api_version(), " ", object.id.gvk.kind, " ",
                      object.id.key.ns.empty() ? "-" : object.id.key.ns, " ", object.id.key.name);
}

void Compare(const std::string& repository, const std::string& name, const Value& recorded,
             const plan::Unit* unit, std::vector<Mismatch>& mismatches) {
  const std::string at = absl::StrCat(repository, " ", name);
  const std::string finding = unit == nullptr          ? "not found"
                              : unit->findings.empty() ? ""
                                                       : unit->findings.front().message;
  for (const KnownDifference& known : kKnown) {
    if (known.repository == repository && known.kustomization == name) {
      if (!absl::StrContains(finding, known.says)) mismatches.push_back({at, known.says, finding});
      return;
    }
  }
  if (unit == nullptr || unit->record == nullptr) {
    mismatches.push_back({at, "it is rendered", finding});
    return;
  }
  // We go further than an error, and than the two recordings that are empty because whoever took
  // them could not read the "matchType: =" that stands in the answer.
  if (recorded.Has("error") || recorded["objects"].empty()) {
    if (unit->record->objects().empty()) mismatches.push_back({at, "objects", "none"});
    return;
  }
  std::vector<std::string> expected;
  for (const Value& object : recorded["objects"].items()) expected.emplace_back(object.str());
  std::vector<std::string> actual;
  for (const plan::PlannedObject& object : unit->record->objects()) actual.push_back(Name(object));
  std::sort(expected.begin(), expected.end());
  std::sort(actual.begin(), actual.end());
  if (actual != expected) {
    mismatches.push_back({at, absl::StrJoin(expected, "\n"), absl::StrJoin(actual, "\n")});
  }
}

absl::Status RunRepository(const std::filesystem::path& folder, std::vector<Mismatch>& mismatches) {
  ASSIGN_OR_RETURN(const std::string case_text, ReadFile(folder / "case.json"));
  ASSIGN_OR_RETURN(const Value about, value::ParseJson(case_text));
  ASSIGN_OR_RETURN(const std::string expected_text, ReadFile(folder / "expected.json"));
  ASSIGN_OR_RETURN(const Value expected, value::ParseJson(expected_text));
  ASSIGN_OR_RETURN(auto tree, plan::SourceTree::OpenFolder((folder / "repo").string()));
  ASSIGN_OR_RETURN(const plan::ChartFolder charts_folder, plan::ChartFolder::Open(""));
  plan::Charts charts(charts_folder);
  plan::Memo memo("");
  const helm::Capabilities capabilities = helm::DefaultCapabilities(helm::Dialect::kHelm4);
  const plan::WalkOptions options = {.path = std::string(about["cluster_path"].str()),
                                     .local_sources = {},
                                     .charts = charts,
                                     .memo = memo,
                                     .keys = {},
                                     .capabilities = capabilities};
  ASSIGN_OR_RETURN(const std::unique_ptr<plan::ClusterPlan> plan,
                   plan::Walk(Context::Background(), std::move(tree), options));
  for (const value::Member& member : expected.members()) {
    Compare(folder.filename().string(), member.key, member.value,
            plan->FindUnit(absl::StrCat("Kustomization/", member.key)), mismatches);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunGitops(const std::filesystem::path& path, Report& report) {
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (std::filesystem::exists(entry.path() / "case.json")) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  for (const std::filesystem::path& folder : folders) {
    std::vector<Mismatch> mismatches;
    RETURN_IF_ERROR(RunRepository(folder, mismatches));
    report.Add(folder.filename().string(), std::move(mismatches));
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
