// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/name_references.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "common/fs/memory_tree.h"
#include "common/kustomize/build.h"
#include "common/testing/status_matchers.h"

namespace sluice::kustomize {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

absl::StatusOr<std::string> Built(const std::string& kustomization, const std::string& manifest) {
  const fs::MemoryTree tree =
      fs::MemoryTree::FromFiles({{"kustomization.yaml", kustomization}, {"m.yaml", manifest}})
          .value();
  const absl::StatusOr<BuildResult> built = Build(tree, "");
  if (!built.ok()) return built.status();
  return built->ToYaml();
}

TEST_CASE("a name follows the object it is of", "[kustomize]") {
  struct Row {
    const char* target;
    const char* referrer;
    const char* want;
  };
  const Row rows[] = {
      {"apiVersion: v1, kind: ConfigMap",
       "apiVersion: v1, kind: Pod, spec: {volumes: [{configMap: {name: t}}]}", "name: p-t\n"},
      {"apiVersion: v1, kind: Secret",
       "apiVersion: v1, kind: Pod, spec: {imagePullSecrets: [{name: t}]}", "- name: p-t\n"},
      {"apiVersion: v1, kind: Secret",
       "apiVersion: v1, kind: Pod, spec: {volumes: [{configMap: {name: t}}]}", "name: t\n"},
      {"apiVersion: v1, kind: Service",
       "apiVersion: apps/v1, kind: StatefulSet, spec: {serviceName: t}", "serviceName: p-t\n"},
      {"apiVersion: v1, kind: ServiceAccount",
       "apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, "
       "subjects: [{kind: ServiceAccount, name: t}]",
       "  name: p-t\n"},
      {"apiVersion: v1, kind: ServiceAccount", "apiVersion: v1, kind: Pod, spec: {other: t}",
       "other: t\n"},
      {"apiVersion: v1, kind: ConfigMap",
       "apiVersion: rbac.authorization.k8s.io/v1, kind: Role, rules: [{resourceNames: [x, t]}]",
       "  - x\n  - p-t\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.target, row.referrer);
    const absl::StatusOr<std::string> built =
        Built("namePrefix: p-\nresources: [m.yaml]",
              absl::StrCat("{", row.target, ", metadata: {name: t}}\n---\n{", row.referrer,
                           ", metadata: {name: r}}\n"));
    REQUIRE_THAT(built.status(), IsOk());
    CHECK(absl::StrContains(*built, row.want));
  }
}

TEST_CASE("a reference stays within its namespace", "[kustomize]") {
  const std::string built =
      Built("namePrefix: p-\nresources: [m.yaml]",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: t, namespace: a}}\n---\n"
            "{apiVersion: v1, kind: Pod, metadata: {name: r, namespace: b},"
            " spec: {volumes: [{configMap: {name: t}}]}}\n")
          .value();
  CHECK(absl::StrContains(built, "      name: t\n"));
}

TEST_CASE("variables are read from one object and put into others", "[kustomize]") {
  const std::string vars =
      "resources: [m.yaml]\nnamePrefix: p-\n"
      "vars: [{name: V, objref: {apiVersion: v1, kind: Service, name: t}}]\n";
  const std::string manifest =
      "{apiVersion: v1, kind: Service, metadata: {name: t}}\n---\n"
      "{apiVersion: v1, kind: Pod, metadata: {name: r},"
      " spec: {containers: [{args: [$(V), x-$(V), $$(V), $(W)]}]}}\n";
  CHECK(absl::StrContains(Built(vars, manifest).value(),
                          "    - p-t\n    - x-p-t\n    - $(V)\n    - $(W)\n"));
  CHECK_THAT(Built("resources: [m.yaml]\nvars: [{name: V, objref: {apiVersion: v1, kind: Service, "
                   "name: none}}]\n",
                   manifest)
                 .status(),
             StatusIs(absl::StatusCode::kNotFound, "cannot be mapped to a field"));
}

}  // namespace
}  // namespace sluice::kustomize
