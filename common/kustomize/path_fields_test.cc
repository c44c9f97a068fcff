// Every field of a kustomization that names a file or folder, with paths that lead out of the tree
// (CVE-2022-24877, CVE-2022-24348).

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_replace.h"
#include "common/fs/memory_tree.h"
#include "common/kustomize/build.h"
#include "common/testing/status_matchers.h"

namespace sluice::kustomize {
namespace {

using ::sluice::testing::IsOk;

constexpr char kMap[] = "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}";
constexpr char kPrefix[] =
    "{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: p}, prefix: p-, fieldSpecs: "
    "[{path: metadata/name}]}";
constexpr char kGenerator[] =
    "{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: g}, literals: [a=b]}";
constexpr char kComponent[] =
    "{apiVersion: kustomize.config.k8s.io/v1alpha1, kind: Component, namePrefix: c-}";

struct Field {
  const char* text;     // of the kustomization; $ is the path
  const char* content;  // of the file there, or of the kustomization in the folder there
  bool folder = false;
};

const Field kFields[] = {
    {"resources: [m.yaml, $]", "{apiVersion: v1, kind: ConfigMap, metadata: {name: n}}"},
    {"resources: [m.yaml, $]", "namePrefix: a-", true},
    {"components: [$]\nresources: [m.yaml]", kComponent, true},
    {"bases: [$]\nresources: [m.yaml]", "namePrefix: a-", true},
    {"patches: [{path: $}]\nresources: [m.yaml]", kMap},
    {"patchesStrategicMerge: [$]\nresources: [m.yaml]", kMap},
    {"patchesJson6902: [{path: $, target: {version: v1, kind: ConfigMap, name: m}}]\nresources: "
     "[m.yaml]",
     R"([{"op": "add", "path": "/data", "value": {"a": "b"}}])"},
    {"replacements: [{path: $}]\nresources: [m.yaml]",
     "[{source: {kind: ConfigMap}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.k], "
     "options: {create: true}}]}]"},
    {"configMapGenerator: [{name: c, files: [$]}]", "text"},
    {"configMapGenerator: [{name: c, files: [k=$]}]", "text"},
    {"configMapGenerator: [{name: c, envs: [$]}]", "k=v"},
    {"configMapGenerator: [{name: c, env: $}]", "k=v"},
    {"secretGenerator: [{name: c, files: [$]}]", "text"},
    {"secretGenerator: [{name: c, envs: [$]}]", "k=v"},
    {"configurations: [$]\nresources: [m.yaml]", "namePrefix: [{path: metadata/name}]"},
    {"crds: [$]\nresources: [m.yaml]", "{}"},
    {"openapi: {path: $}\nresources: [m.yaml]", "{\"definitions\": {}}"},
    {"transformers: [$]\nresources: [m.yaml]", kPrefix},
    {"generators: [$]", kGenerator},
};

absl::Status Built(const Field& field, const std::string& path) {
  fs::MemoryTree tree;
  const std::string text = absl::StrReplaceAll(field.text, {{"$", path}});
  REQUIRE_THAT(tree.AddFile("app/kustomization.yaml", text), IsOk());
  REQUIRE_THAT(tree.AddFile("app/m.yaml", kMap), IsOk());
  const char* inside = field.folder ? "app/in/kustomization.yaml" : "app/in";
  REQUIRE_THAT(tree.AddFile(inside, field.content), IsOk());
  REQUIRE_THAT(tree.AddSymlink("app/link", "../../outside"), IsOk());
  REQUIRE_THAT(tree.AddSymlink("app/circle", "circle"), IsOk());
  return Build(tree, "app").status();
}

TEST_CASE("no field of a kustomization leads out of the tree", "[kustomize][advisory]") {
  for (const Field& field : kFields) {
    CAPTURE(field.text);
    CHECK_THAT(Built(field, "in"), IsOk());
    for (const char* path : {"../../outside", "/etc/passwd", "in/../../../outside", "link",
                             "link/x", "circle", "./../..", "https://example.com/x.git//base"}) {
      CAPTURE(path);
      CHECK_FALSE(Built(field, path).ok());
    }
  }
}

}  // namespace
}  // namespace sluice::kustomize
