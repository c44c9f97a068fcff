// SPDX-License-Identifier: Apache-2.0
#include "cli/tree/tree.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "common/value/json.h"

namespace sluice::cli {
namespace {

kube::ObjectPtr Object(absl::string_view json) {
  return std::make_shared<const Value>(value::ParseJson(json).value());
}

kube::ObjectPtr Kustomization(absl::string_view name, absl::string_view inventory) {
  return Object(absl::StrCat(R"({"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
      "kind": "Kustomization", "metadata": {"name": ")",
                             name, R"(", "namespace": "fs"},
      "spec": {"sourceRef": {"kind": "GitRepository", "name": "repo"}},
      "status": {"lastAppliedRevision": "main@sha1:aa",
                 "conditions": [{"type": "Ready", "status": "True"}],
                 "inventory": {"entries": [)",
                             inventory, "]}}}"));
}

const char kRepository[] = R"({"apiVersion": "source.toolkit.fluxcd.io/v1",
    "kind": "GitRepository", "metadata": {"name": "repo", "namespace": "fs"},
    "status": {"artifact": {"revision": "main@sha1:aa"},
               "conditions": [{"type": "Ready", "status": "True"}]}})";
const char kWeb[] = R"({"id": "dev_web_apps_Deployment", "v": "v1"})";
const char kSettings[] = R"({"id": "dev_settings__ConfigMap", "v": "v1"})";
const char kChild[] = R"({"id": "fs_child_kustomize.toolkit.fluxcd.io_Kustomization", "v": "v1"})";
const char kParent[] =
    R"({"id": "fs_parent_kustomize.toolkit.fluxcd.io_Kustomization", "v": "v1"})";

kube::ObjectPtr FindApplied(const ssa::ObjectId& id) {
  if (id.gvk.kind == "Deployment") {
    return Object(R"({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "dev"},
        "spec": {"replicas": 2, "template": {"spec": {"containers": [{"image": "web:1.1"}]}}}})");
  }
  return nullptr;
}

TEST_CASE("a tree goes from the source to the applied objects", "[cli]") {
  TreeInput input;
  input.sources = {Object(kRepository)};
  input.kustomizations = {Kustomization("dev", absl::StrCat(kWeb, ",", kSettings))};
  input.find = FindApplied;
  Style style;
  style.marks = true;
  const std::vector<TreeNode> roots = BuildTree(input);
  CHECK(FormatTree(roots, style) ==
        "✔ GitRepository/fs/repo  main@sha1:aa\n"
        "└── ✔ Kustomization/fs/dev  main@sha1:aa\n"
        "    ├── ✗ ConfigMap/dev/settings  not found\n"
        "    └── ◎ Deployment/dev/web  web:1.1 ×2, InProgress\n");
  CHECK(TreeToValue(roots).at(0)["children"].at(0)["children"].at(0) ==
        value::ParseJson(R"({"kind": "ConfigMap", "namespace": "dev", "name": "settings",
                             "ready": "False", "message": "not found"})")
            .value());
}

TEST_CASE("what another Kustomization applied stands below it, once", "[cli]") {
  TreeInput input;
  input.kustomizations = {Kustomization("child", kWeb), Kustomization("parent", kChild)};
  input.find = FindApplied;
  // The source is gone: shown, since it is why nothing goes on.
  CHECK(FormatTree(BuildTree(input), Style()) ==
        "GitRepository/fs/repo  not found\n"
        "└── Kustomization/fs/parent  main@sha1:aa\n"
        "    └── Kustomization/fs/child  main@sha1:aa\n"
        "        └── Deployment/dev/web  web:1.1 ×2, InProgress\n");
  CHECK(FormatTree(BuildTree(input, {"fs", "child"}), Style()) ==
        "Kustomization/fs/child  main@sha1:aa\n"
        "└── Deployment/dev/web  web:1.1 ×2, InProgress\n");
  CHECK(BuildTree(input, {"fs", "absent"}).empty());
}

TEST_CASE("Kustomizations that apply each other end", "[cli]") {
  TreeInput input;
  input.kustomizations = {Kustomization("child", kParent), Kustomization("parent", kChild)};
  input.find = FindApplied;
  CHECK(FormatTree(BuildTree(input), Style()) ==
        "GitRepository/fs/repo  not found\n"
        "└── Kustomization/fs/child  main@sha1:aa\n"
        "    └── Kustomization/fs/parent  main@sha1:aa\n");
}

TEST_CASE("what a generator makes stands below it, and it below its only source", "[cli]") {
  const auto generator = [](absl::string_view name, absl::string_view sources) {
    return Object(
        absl::StrCat(R"({"apiVersion": "source.extensions.fluxcd.io/v1beta1",
        "kind": "ArtifactGenerator", "metadata": {"name": ")",
                     name, R"(", "namespace": "fs"}, "spec": {"sources": [)", sources,
                     R"(]}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}})"));
  };
  const auto artifact = [](absl::string_view name, absl::string_view maker) {
    return Object(absl::StrCat(R"({"apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "ExternalArtifact", "metadata": {"name": ")",
                               name, R"(", "namespace": "fs"}, "spec": {"sourceRef":
        {"kind": "ArtifactGenerator", "name": ")",
                               maker,
                               R"("}}, "status": {"artifact": {"revision": "latest@sha256:bb"},
        "conditions": [{"type": "Ready", "status": "True"}]}})"));
  };
  const std::string repo = R"({"alias": "a", "kind": "GitRepository", "name": "repo"})";
  TreeInput input;
  input.sources = {Object(kRepository),
                   generator("one", repo),
                   generator("two", absl::StrCat(repo, ",", repo)),
                   generator("circle", R"({"kind": "ExternalArtifact", "name": "round"})"),
                   artifact("apps", "one"),
                   artifact("both", "two"),
                   artifact("round", "circle"),
                   artifact("stray", "gone")};
  input.kustomizations = {Object(R"({"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
      "kind": "Kustomization", "metadata": {"name": "apps", "namespace": "fs"},
      "spec": {"sourceRef": {"kind": "ExternalArtifact", "name": "apps"}},
      "status": {"lastAppliedRevision": "latest@sha256:bb",
                 "conditions": [{"type": "Ready", "status": "True"}]}})")};
  CHECK(FormatTree(BuildTree(input), Style()) ==
        "ArtifactGenerator/fs/circle\n"
        "└── ExternalArtifact/fs/round  latest@sha256:bb\n"
        "ArtifactGenerator/fs/two\n"
        "└── ExternalArtifact/fs/both  latest@sha256:bb\n"
        "ExternalArtifact/fs/stray  latest@sha256:bb\n"
        "GitRepository/fs/repo  main@sha1:aa\n"
        "└── ArtifactGenerator/fs/one\n"
        "    └── ExternalArtifact/fs/apps  latest@sha256:bb\n"
        "        └── Kustomization/fs/apps  latest@sha256:bb\n");
}

}  // namespace
}  // namespace sluice::cli
