// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/build.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "common/fs/memory_tree.h"
#include "common/testing/status_matchers.h"

namespace sluice::kustomize {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;
using Files = std::map<std::string, std::string>;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;
constexpr char kMap[] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n";

absl::StatusOr<BuildResult> Built(const Files& files, absl::string_view path = "",
                                  const BuildOptions& options = {}) {
  const fs::MemoryTree tree = fs::MemoryTree::FromFiles(files).value();
  return Build(tree, path, options);
}

TEST_CASE("each field of a kustomization changes what it is for", "[kustomize]") {
  struct Row {
    const char* field;
    const char* want;
  };
  const Row rows[] = {
      {"", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n"},
      {"namePrefix: a-\nnameSuffix: -z",
       "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a-m-z\n"},
      {"namespace: ns", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n  namespace: ns\n"},
      {"labels: [{pairs: {l: v}}]",
       "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n    l: v\n  name: m\n"},
      {"commonAnnotations: {l: 'yes'}",
       "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n    l: \"yes\"\n  name: m\n"},
      {"patches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {k: v}}'}]",
       "apiVersion: v1\ndata:\n  k: v\nkind: ConfigMap\nmetadata:\n  name: m\n"},
      {"patches: [{target: {kind: Config.*}, patch: '[{\"op\": \"add\", \"path\": \"/data\", "
       "\"value\": {\"k\": \"1\"}}]'}]",
       "apiVersion: v1\ndata:\n  k: \"1\"\nkind: ConfigMap\nmetadata:\n  name: m\n"},
      {"patches: [{target: {kind: Config}, patch: '- {op: remove, path: /nothing}'}]",
       "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n"},
      {"replacements: [{source: {kind: ConfigMap}, targets: [{select: {kind: ConfigMap}, "
       "fieldPaths: [data.k], options: {create: true}}]}]",
       "apiVersion: v1\ndata:\n  k: m\nkind: ConfigMap\nmetadata:\n  name: m\n"},
      {"buildMetadata: [originAnnotations]",
       "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n    "
       "config.kubernetes.io/origin: |\n      path: m.yaml\n  name: m\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.field);
    const absl::StatusOr<BuildResult> built = Built({
        {"kustomization.yaml", std::string("resources: [m.yaml]\n") + row.field},
        {"m.yaml", kMap},
    });
    REQUIRE_THAT(built.status(), IsOk());
    CHECK(built->ToYaml() == row.want);
  }
}

TEST_CASE("images and replicas reach into workloads", "[kustomize]") {
  struct Row {
    const char* field;
    const char* image;
    const char* replicas;
  };
  const Row rows[] = {
      {"images: [{name: nginx, newTag: '2'}]", "nginx:2", "1"},
      {"images: [{name: nginx, newName: r.io/x, digest: 'sha256:ab'}]", "r.io/x@sha256:ab", "1"},
      {"images: [{name: ngin, newTag: '2'}]", "nginx:1", "1"},
      {"replicas: [{name: d, count: 7}]", "nginx:1", "7"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.field);
    const absl::StatusOr<BuildResult> built = Built({
        {"kustomization.yaml", std::string("resources: [d.yaml]\n") + row.field},
        {"d.yaml",
         "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replicas: 1,"
         " template: {spec: {containers: [{name: c, image: 'nginx:1'}]}}}}"},
    });
    REQUIRE_THAT(built.status(), IsOk());
    CHECK(built->ToYaml() == absl::StrCat("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n"
                                          "  name: d\nspec:\n  replicas: ",
                                          row.replicas,
                                          "\n  template:\n    spec:\n      containers:\n"
                                          "      - image: ",
                                          row.image, "\n        name: c\n"));
  }
}

TEST_CASE("a build says what it has read and what it missed", "[kustomize]") {
  const absl::StatusOr<BuildResult> built = Built(
      {
          {"base/kustomization.yml", "resources: [m.yaml]"},
          {"base/m.yaml", kMap},
          {"app/kustomization.yaml", "bases: [../base]"},
          {"other.yaml", "x"},
      },
      "app");
  REQUIRE_THAT(built.status(), IsOk());
  CHECK(built->inputs.count("base/m.yaml") == 1);
  CHECK(built->inputs.count("base/kustomization.yml") == 1);
  CHECK(built->inputs.count("base/kustomization.yaml") == 1);
  CHECK(built->inputs.count("other.yaml") == 0);
  REQUIRE(built->warnings.size() == 1);
  CHECK(built->warnings[0].find("'bases' is deprecated") != std::string::npos);
}

TEST_CASE("what cannot be built is refused", "[kustomize]") {
  struct Row {
    Files files;
    absl::StatusCode code;
    const char* message;
  };
  const Row rows[] = {
      {{{"a.yaml", ""}}, absl::StatusCode::kNotFound, "unable to find one of"},
      {{{"kustomization.yaml", ""}}, kInvalid, "kustomization.yaml is empty"},
      {{{"kustomization.yaml", "resource: [a.yaml]"}}, kInvalid, "unknown field \"resource\""},
      {{{"kustomization.yaml", "namePrefix: x"}, {"Kustomization", "namePrefix: x"}},
       kInvalid,
       "multiple kustomization files"},
      {{{"kustomization.yaml", "resources: [a.yaml]"}}, absl::StatusCode::kNotFound, "a.yaml"},
      {{{"kustomization.yaml", "resources: [a.yaml]"}, {"a.yaml", "kind: A"}},
       kInvalid,
       "missing metadata.name"},
      {{{"kustomization.yaml", "resources: [a.yaml]"}, {"a.yaml", "a: [b"}}, kInvalid, "a.yaml"},
      {{{"kustomization.yaml", "resources: [a.yaml, b.yaml]"}, {"a.yaml", kMap}, {"b.yaml", kMap}},
       kInvalid,
       "already registered id: ConfigMap.v1.[noGrp]/m.[noNs]"},
      {{{"kustomization.yaml", "resources: ['https://example.org/x.git//y?ref=v1']"}},
       kInvalid,
       "fetches nothing"},
      {{{"kustomization.yaml", "resources: [a.yaml]\npatches: [{patch: 'x'}]"}, {"a.yaml", kMap}},
       kInvalid,
       "unable to parse SM or JSON patch"},
      {{{"kustomization.yaml", "resources: [a.yaml]\nreplicas: [{name: zz, count: 1}]"},
        {"a.yaml", kMap}},
       absl::StatusCode::kNotFound,
       "resource with name zz does not match a config"},
      {{{"kustomization.yaml", "generators: [g.yaml]"},
        {"g.yaml", "{apiVersion: x/v1, kind: Mine, metadata: {name: a}}"}},
       kInvalid,
       "external plugins disabled"},
      {{{"kustomization.yaml", "resources: [a]"}, {"a/kustomization.yaml", "resources: [..]"}},
       kInvalid,
       "cycle detected"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    CHECK_THAT(Built(row.files).status(), StatusIs(row.code, row.message));
  }
}

TEST_CASE("files outside the folder are for builds without restriction", "[kustomize]") {
  const Files files = {{"app/kustomization.yaml", "resources: [../m.yaml]"}, {"m.yaml", kMap}};
  CHECK_THAT(Built(files, "app").status(), IsOk());
  CHECK_THAT(Built(files, "app", {.load_restriction = LoadRestriction::kRootOnly}).status(),
             StatusIs(kInvalid, "is not in or below"));
  CHECK_THAT(Built({{"kustomization.yaml", "resources: [../m.yaml]"}}).status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "is not in or below"));
}

TEST_CASE("links are followed within the tree and not out of it", "[kustomize]") {
  fs::MemoryTree tree = fs::MemoryTree::FromFiles({
                                                      {"a/kustomization.yaml", "resources: [l]"},
                                                      {"b/kustomization.yaml", "resources: [l]"},
                                                      {"m.yaml", kMap},
                                                  })
                            .value();
  REQUIRE_THAT(tree.AddSymlink("a/l", "../m.yaml"), IsOk());
  REQUIRE_THAT(tree.AddSymlink("b/l", "../../m.yaml"), IsOk());
  CHECK_THAT(Build(tree, "a").status(), IsOk());
  CHECK_FALSE(Build(tree, "b").ok());
}

TEST_CASE("legacy order puts what others need first", "[kustomize]") {
  const Files files = {{"kustomization.yaml", "resources: [m.yaml]"},
                       {"m.yaml",
                        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n---\n"
                        "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n"}};
  const auto first = [&](Reorder reorder) {
    return std::string(Built(files, "", {.reorder = reorder})->resources.at(0)["kind"].str());
  };
  CHECK(first(Reorder::kLegacy) == "Namespace");
  CHECK(first(Reorder::kNone) == "Service");
}

TEST_CASE("a build stops at its bounds and not before", "[kustomize]") {
  const Files chain = {{"kustomization.yaml", "resources: [a]"},
                       {"a/kustomization.yaml", "resources: [b]"},
                       {"a/b/kustomization.yaml", "resources: [m.yaml]"},
                       {"a/b/m.yaml", kMap}};
  CHECK_THAT(Built(chain, "", {.limits = {.max_depth = 2}}).status(), IsOk());
  CHECK_THAT(Built(chain, "", {.limits = {.max_depth = 1}}).status(),
             StatusIs(kExhausted, "nest deeper than 1 levels"));
  CHECK_THAT(Built(chain, "", {.limits = {.max_kustomizations = 3}}).status(), IsOk());
  CHECK_THAT(Built(chain, "", {.limits = {.max_kustomizations = 2}}).status(),
             StatusIs(kExhausted, "more than 2 kustomizations"));

  const Files two = {{"kustomization.yaml", "resources: [m.yaml]"},
                     {"m.yaml",
                      "{apiVersion: v1, kind: A, metadata: {name: a}}\n---\n"
                      "{apiVersion: v1, kind: A, metadata: {name: b}}\n"}};
  CHECK_THAT(Built(two, "", {.limits = {.max_resources = 2}}).status(), IsOk());
  CHECK_THAT(Built(two, "", {.limits = {.max_resources = 1}}).status(),
             StatusIs(kExhausted, "more than 1 resources"));

  const size_t largest = two.at("m.yaml").size();
  const size_t all = largest + two.at("kustomization.yaml").size();
  CHECK_THAT(Built(two, "", {.limits = {.max_file_bytes = largest}}).status(), IsOk());
  CHECK_THAT(Built(two, "", {.limits = {.max_file_bytes = largest - 1}}).status(),
             StatusIs(kExhausted));
  CHECK_THAT(Built(two, "", {.limits = {.max_total_bytes = all}}).status(), IsOk());
  CHECK_THAT(Built(two, "", {.limits = {.max_total_bytes = all - 1}}).status(),
             StatusIs(kExhausted, "exceed"));
}

TEST_CASE("a build holds no more values than it may, copies of patches included", "[kustomize]") {
  // 7 nodes for each object (3 keys and values, of metadata 2 more), as many for the patch.
  const Files files = {
      {"kustomization.yaml", "resources: [m.yaml]\npatches: [{path: p.yaml, target: {kind: A}}]"},
      {"m.yaml",
       "{apiVersion: v1, kind: A, metadata: {name: a}}\n---\n"
       "{apiVersion: v1, kind: A, metadata: {name: b}}\n"},
      {"p.yaml", "{apiVersion: v1, kind: A, metadata: {name: x}, data: [1, 2, 3, 4, 5, 6]}"}};
  size_t enough = 0;
  while (enough < 500 && !Built(files, "", {.limits = {.max_nodes = enough}}).ok()) ++enough;
  CHECK(enough > 30);  // more than both objects and one copy
  CHECK(enough < 100);
  CHECK_THAT(Built(files, "", {.limits = {.max_nodes = enough - 1}}).status(),
             StatusIs(kExhausted, absl::StrCat("have more than ", enough - 1, " values")));
  CHECK_THAT(Built(files, "", {.limits = {.max_nodes = 5}}).status(),
             StatusIs(kExhausted, "yaml: line 1: the objects and patches of this build"));
}

TEST_CASE("documents nest as deep as they may and no deeper", "[kustomize]") {
  const auto nested = [](size_t lists) {
    return Files{{"kustomization.yaml", "resources: [m.yaml]"},
                 {"m.yaml", std::string(kMap) + "data: " + std::string(lists, '[') +
                                std::string(lists, ']') + "\n"}};
  };
  CHECK_THAT(Built(nested(499)).status(), IsOk());
  CHECK_THAT(Built(nested(500)).status(), StatusIs(kInvalid, "exceeded max depth of 500"));
}

TEST_CASE("a short text that stands for a huge object is refused", "[kustomize]") {
  std::string bomb = std::string(kMap) + "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level <= 9; ++level) {
    const std::string below = absl::StrCat("*a", level - 1);
    absl::StrAppend(&bomb, "a", level, ": &a", level, " [");
    for (int i = 0; i < 10; ++i) absl::StrAppend(&bomb, i == 0 ? "" : ", ", below);
    bomb += "]\n";
  }
  CHECK_THAT(Built({{"kustomization.yaml", "resources: [m.yaml]"}, {"m.yaml", bomb}}, "",
                   {.limits = {.max_nodes = 1'000'000}})
                 .status(),
             StatusIs(kExhausted, "have more than 1000000 values"));
}

}  // namespace
}  // namespace sluice::kustomize
