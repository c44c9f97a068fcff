// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/testing.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/context.h"
#include "common/git_testing/repo_builder.h"
#include "common/git_testing/scratch_directory.h"
#include "common/value/yaml.h"

namespace sluice::plan {

struct TestRepository::State {
  git_testing::ScratchDirectory scratch;
  git_testing::RepoBuilder repo{scratch / "repo.git"};
};

TestRepository::TestRepository() : state_(std::make_unique<State>()) {
  options.repository = state_->repo.path();
  options.path = "clusters/prod";
  options.cache_folder = Scratch("cache");
}
TestRepository::~TestRepository() = default;

void TestRepository::Write(const std::string& path, const std::string& content) {
  state_->repo.Write(path, content);
}
void TestRepository::Delete(const std::string& path) { state_->repo.Delete(path); }
void TestRepository::Commit() { state_->repo.Commit("change"); }
std::string TestRepository::Scratch(const std::string& name) const {
  return state_->scratch / name;
}

void TestRepository::WriteUnit(const std::string& name, const std::string& spec) {
  Value object = {{"apiVersion", "kustomize.toolkit.fluxcd.io/v1"},
                  {"kind", "Kustomization"},
                  {"metadata", {{"name", name}, {"namespace", "flux-system"}}},
                  {"spec",
                   {{"interval", "10m"},
                    {"path", absl::StrCat("./apps/", name)},
                    {"prune", true},
                    {"sourceRef", {{"kind", "GitRepository"}, {"name", "flux-system"}}}}}};
  const Value more = value::ParseYaml(spec).value();
  for (const value::Member& member : more.members()) {
    object.Ensure("spec").Set(member.key, member.value);
  }
  Write(absl::StrCat("clusters/prod/", name, ".yaml"), value::FormatYaml(object));
}

Report TestRepository::PlanLast() {
  options.from = "main~1";
  options.to = "main";
  return RunPlan(Context::Background(), options).value();
}

Report TestRepository::TestLast() {
  options.to = "main";
  return RunTest(Context::Background(), options).value();
}

std::string ChangesOf(const Report& report) {
  std::string text;
  for (const ObjectChange& change : report.changes) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", ChangeName(change.type), " ",
                    change.id.Subject());
  }
  return text;
}

std::string FindingsOf(const Report& report, Level at_least) {
  std::string text;
  for (const Finding& finding : report.findings) {
    if (finding.rule->level < at_least) continue;
    absl::StrAppend(&text, text.empty() ? "" : "\n", finding.rule->id, " ",
                    finding.object.empty() ? finding.unit : finding.object);
  }
  return text;
}

}  // namespace sluice::plan
