// Flux's own command line, where there is one, against our controllers; and ours, which is to say
// the same.

// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"

namespace sluice::flux_cli {
namespace {

using ::sluice::testing::IsOk;

// The path of the real `flux`, "" if there is none; says so.
std::string FindFlux() {
  if (const char* given = std::getenv("SLUICE_TEST_FLUX"); given != nullptr) return given;
  const char* path = std::getenv("PATH");
  for (const absl::string_view folder : absl::StrSplit(path == nullptr ? "" : path, ':')) {
    const std::string candidate = absl::StrCat(folder, "/flux");
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  std::cerr << "flux is not on PATH and SLUICE_TEST_FLUX is not set: its test is left out\n";
  return "";
}

// Without the blanks with which Flux fills its last column, and without empty lines.
std::string Normalized(absl::string_view output) {
  std::string text;
  for (const absl::string_view line : absl::StrSplit(output, '\n')) {
    const absl::string_view stripped = absl::StripTrailingAsciiWhitespace(line);
    if (!stripped.empty()) absl::StrAppend(&text, stripped, "\n");
  }
  return text;
}

constexpr char kSettings[] =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {color: red}\n";

TEST_CASE("Flux's command line works with our controllers, and ours says the same", "[e2e]") {
  const std::string flux = FindFlux();
  if (flux.empty()) return;
  auto cluster = e2e::Cluster::Start();
  REQUIRE_THAT(cluster.status(), IsOk());
  const std::string& ns = (*cluster)->ns();
  auto repository = e2e::GitRepository::Create((*cluster)->git_root() + "/repo");
  REQUIRE_THAT(repository.status(), IsOk());
  repository->Write("apps/settings.yaml", kSettings);
  REQUIRE_THAT(repository->Commit("one").status(), IsOk());
  REQUIRE_THAT(
      (*cluster)->Apply(e2e::GitRepositoryManifest("repo", (*cluster)->git_url() + "/repo")),
      IsOk());
  Value app = e2e::KustomizationManifest("app", "repo", "./apps");
  app.Ensure("spec").Set("targetNamespace", ns);
  REQUIRE_THAT((*cluster)->Apply(app), IsOk());

  const auto run = [&](const std::string& program, const std::vector<std::string>& words) {
    std::vector<std::string> command = {program};
    command.insert(command.end(), words.begin(), words.end());
    for (const char* word :
         {"-n", ns.c_str(), "--kubeconfig", (*cluster)->kubeconfig().c_str(), "--timeout", "30s"}) {
      command.emplace_back(word);
    }
    return e2e::Run(command, {{"HOME", (*cluster)->git_root()}});
  };
  struct Row {
    std::vector<std::string> words;
    std::string expected;  // in what Flux prints
    bool same = true;      // as ours
  };
  const Row rows[] = {
      {{"reconcile", "source", "git", "repo"}, "✔ fetched revision main@sha1:"},
      {{"reconcile", "kustomization", "app", "--with-source"}, "✔ applied revision main@sha1:"},
      {{"get", "sources", "git"}, "stored artifact for revision 'main@sha1:"},
      {{"get", "kustomizations", "app"}, "\tTrue \tApplied revision: main@sha1:"},
      {{"get", "all"}, "kustomization/app"},
      {{"suspend", "kustomization", "app"}, "✔ kustomization suspended"},
      {{"get", "kustomizations"}, "\tTrue     \tTrue "},
      {{"resume", "kustomization", "app"}, "✔ Kustomization app reconciliation completed"},
      {{"trace", "configmap/settings"}, "Status:          Managed by Flux"},
      // Ours marks what is ready.
      {{"tree", "kustomization", "app"}, absl::StrCat("ConfigMap/", ns, "/settings"), false},
      // Ages go on between the two.
      {{"events", "--for", "Kustomization/app"}, "ReconciliationSucceeded", false},
      {{"stats"}, "Kustomization        \t1      \t0      \t0        \t-"},
      {{"export", "source", "git", "repo"}, "kind: GitRepository", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const auto theirs = run(flux, row.words);
    REQUIRE_THAT(theirs.status(), IsOk());
    INFO(*theirs);
    CHECK(absl::StrContains(*theirs, row.expected));
    const auto ours = run(e2e::Program("sluice"), row.words);
    REQUIRE_THAT(ours.status(), IsOk());
    if (row.same) CHECK(Normalized(*ours) == Normalized(*theirs));
  }
  CHECK_THAT(run(flux, {"reconcile", "kustomization", "gone"}).status(),
             ::sluice::testing::StatusIs(absl::StatusCode::kUnknown, "not found"));
  CHECK((*cluster)->Casualties() == "");
}

}  // namespace
}  // namespace sluice::flux_cli
