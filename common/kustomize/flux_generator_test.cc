// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/flux_generator.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "common/fs/memory_tree.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::kustomize {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;
using Files = std::map<std::string, std::string>;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kMap[] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n";

Value WithSpec(const char* spec) { return {{"spec", value::ParseJson(spec).value()}}; }

TEST_CASE("a folder without a kustomization gets one of its manifests", "[kustomize]") {
  const fs::MemoryTree tree = fs::MemoryTree::FromFiles({
                                                            {"d/m.yaml", kMap},
                                                            {"d/sub/n.yml", kMap},
                                                            {"d/base/kustomization.yaml", ""},
                                                            {"d/base/x.yaml", kMap},
                                                            {"d/readme.md", "x"},
                                                        })
                                  .value();
  const auto generated = GenerateFluxKustomization(tree, "d", WithSpec("{}"));
  REQUIRE_THAT(generated.status(), IsOk());
  CHECK(generated->path == "d/kustomization.yaml");
  CHECK(generated->created);
  CHECK(generated->content ==
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        "resources:\n- ./base\n- ./m.yaml\n- ./sub/n.yml\n");
}

TEST_CASE("the object's settings are added to the folder's kustomization", "[kustomize]") {
  struct Row {
    const char* spec;
    const char* want;  // after the head and the resources
  };
  const Row rows[] = {
      {R"({"targetNamespace":"ns"})", "namespace: ns\n"},
      {R"({"namePrefix":"a-","nameSuffix":"-z"})", "namePrefix: a-\nnameSuffix: -z\n"},
      {R"({"images":[{"name":"x","newTag":"2"}]})", "images:\n- name: x\n  newTag: \"2\"\n"},
      {R"({"components":["../c"]})", "components:\n- ../c\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.want);
    const fs::MemoryTree tree =
        fs::MemoryTree::FromFiles({{"d/kustomization.yaml", "resources: [m.yaml]"},
                                   {"d/m.yaml", kMap},
                                   {"c/kustomization.yaml", "kind: Component\nnamePrefix: c-"}})
            .value();
    const auto generated = GenerateFluxKustomization(tree, "d", WithSpec(row.spec));
    REQUIRE_THAT(generated.status(), IsOk());
    CHECK_FALSE(generated->created);
    CHECK(absl::StrContains(generated->content, row.want));
    const auto whole = WithKustomization(tree, *generated);
    REQUIRE_THAT(whole.status(), IsOk());
    CHECK((*whole)->Read("d/kustomization.yaml").value() == generated->content);
    CHECK_THAT(Build(**whole, "d", FluxBuildOptions()).status(), IsOk());
  }
}

TEST_CASE("what no kustomization can be made of is refused", "[kustomize]") {
  const auto status = [](const Files& files, const char* spec) {
    const fs::MemoryTree tree = fs::MemoryTree::FromFiles(files).value();
    return GenerateFluxKustomization(tree, "d", WithSpec(spec)).status();
  };
  CHECK_THAT(status({{"e/m.yaml", kMap}}, "{}"), StatusIs(absl::StatusCode::kNotFound));
  CHECK_THAT(status({{"d/m.yaml", "a: [b"}}, "{}"), StatusIs(kInvalid, "m.yaml"));
  CHECK_THAT(status({{"d/kustomization.yaml", "a: [b"}}, "{}"), StatusIs(kInvalid));
  CHECK_FALSE(status({{"d/m.yaml", kMap}}, R"({"images":"x"})").ok());
}

}  // namespace
}  // namespace sluice::kustomize
