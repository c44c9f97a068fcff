// SPDX-License-Identifier: Apache-2.0
#include "common/artifact_composition/path_pattern.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/fs/memory_tree.h"
#include "common/testing/status_matchers.h"

namespace sluice::artifact_composition {
namespace {

using ::sluice::testing::StatusIs;

SourceTrees Repo(const std::map<std::string, std::string>& files) {
  return {
      {"repo", std::make_shared<const fs::MemoryTree>(fs::MemoryTree::FromFiles(files).value())}};
}

api::ArtifactGeneratorSpec Spec(const std::string& pattern, const std::string& name = "{app}") {
  api::ArtifactGeneratorSpec spec;
  spec.path_pattern = pattern;
  spec.artifacts = {{name, "", "", {{"@repo/apps/{app}/**", "@artifact/{app}/", {}, {}}}}};
  return spec;
}

TEST_CASE("every directory that matches gives its artifacts", "[artifact_generator]") {
  const SourceTrees sources = Repo({{"apps/Auth/envs/prod/a", ""},
                                    {"apps/web/envs/dev/a", ""},
                                    {"apps/web/envs/prod/a", ""},
                                    {"apps/web/other/x", ""},
                                    {"apps/file", ""}});
  const auto planned =
      PlanArtifacts(Spec("@repo/apps/{app}/envs/{env}", "{app}-{env}"), sources).value();
  REQUIRE(planned.size() == 3);
  CHECK(planned[0].output.name == "auth-prod");
  CHECK(planned[0].labels == std::map<std::string, std::string>{{"app", "auth"}, {"env", "prod"}});
  CHECK(planned[0].output.copy[0].from == "@repo/apps/Auth/**");
  CHECK(planned[0].output.copy[0].to == "@artifact/Auth/");
  CHECK(planned[1].output.name == "web-dev");
  CHECK(planned[2].output.name == "web-prod");

  // A part of an element; nothing that matches is no error.
  const auto part = PlanArtifacts(Spec("@repo/apps/w{app}"), sources).value();
  REQUIRE(part.size() == 1);
  CHECK(part[0].output.name == "eb");
  CHECK(PlanArtifacts(Spec("@repo/none/{app}"), sources).value().empty());
  CHECK(PlanArtifacts(Spec("@repo/apps/{app}/"), sources).value().empty());

  // Without a pattern the spec is the plan, braces and all.
  const auto plain = PlanArtifacts(Spec(""), sources).value();
  REQUIRE(plain.size() == 1);
  CHECK(plain[0].output.name == "{app}");
  CHECK(plain[0].labels.empty());
}

TEST_CASE("a pattern, or what it finds, that makes no artifact is refused",
          "[artifact_generator]") {
  struct Row {
    const char* pattern;
    const char* name;
    const char* error;
  };
  const Row rows[] = {
      {"repo/x", "{app}", "invalid pathPattern format: repo/x"},
      {"@none/{app}", "{app}", "source alias none not found in local sources"},
      {"@repo/{app", "{app}", "invalid capture starting at offset 0: missing closing brace"},
      {"@repo/a}", "{app}", "invalid capture ending at offset 1: missing opening brace"},
      {"@repo/{}", "{app}", "empty capture variable"},
      {"@repo/{1a}", "{app}", "must be a valid capture name matching [A-Za-z_][A-Za-z0-9_]*"},
      {"@repo/{app}/{app}", "{app}", "duplicate capture variable \"app\""},
      {"@repo/{_a}", "{_a}", "is not a valid Kubernetes label key"},
      {"@repo/apps/{app}", "{other}", "\"other\" is not defined by pathPattern"},
      {"@repo/apps/{app}", "same", "both resolve to artifact name \"same\""},
      {"@repo/apps/{app}", "-{app}", "is not a valid Kubernetes object name"},
      {"@repo/bad/{app}", "{app}", "captured value \".hidden\" for variable \"app\""},
      {"@repo/case/{app}", "{app}", "directories \"case/A\" and \"case/a\" both resolve"},
  };
  const SourceTrees sources = Repo({{"apps/a/x", ""},
                                    {"apps/b/x", ""},
                                    {"bad/.hidden/x", ""},
                                    {"case/A/x", ""},
                                    {"case/a/x", ""}});
  for (const Row& row : rows) {
    CAPTURE(row.pattern, row.name);
    auto spec = Spec(row.pattern, row.name);
    spec.artifacts[0].copy.clear();
    CHECK_THAT(PlanArtifacts(spec, sources).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.error));
  }
}

TEST_CASE("names of objects are subdomains", "[artifact_generator]") {
  for (const char* good : {"a", "a-b", "a.b-c", "0"}) {
    CAPTURE(good);
    CHECK(ObjectNameProblem(good).empty());
  }
  for (const std::string& bad :
       {std::string(), std::string("A"), std::string("-a"), std::string("a-"), std::string("a..b"),
        std::string("a_b"), std::string(254, 'a')}) {
    CAPTURE(bad);
    CHECK_FALSE(ObjectNameProblem(bad).empty());
  }
}

}  // namespace
}  // namespace sluice::artifact_composition
