// SPDX-License-Identifier: Apache-2.0
#include "common/helm/manifests.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/helm/kind_order.h"
#include "common/testing/status_matchers.h"

namespace sluice::helm {
namespace {

using ::sluice::testing::StatusIs;
using Texts = std::vector<std::string>;

TEST_CASE("files are cut into documents as Helm cuts them", "[helm]") {
  struct Row {
    const char* text;
    Texts helm3;
    Texts helm4;
  };
  const Row rows[] = {
      {"a: 1\n---\nb: 2\n", {"a: 1", "b: 2"}, {"a: 1", "b: 2\n"}},
      {"---\na: 1\n\n---\n\nb: 2", {"a: 1", "b: 2"}, {"a: 1", "b: 2"}},
      {"---a: 1\n", {"a: 1"}, {"a: 1\n"}},
      {"a: 1\n--- # note\nb: 2", {"a: 1", "# note\nb: 2"}, {"a: 1", "# note\nb: 2"}},
      {"a: 1\n----\nb: 2", {"a: 1", "-\nb: 2"}, {"a: 1", "-\nb: 2"}},
      {"  a: 1\n  b: 2\n", {"a: 1\n  b: 2"}, {"a: 1\n  b: 2\n"}},
      {"t: |\n  ---\n  x\n", {"t: |\n  ---\n  x"}, {"t: |\n  ---\n  x\n"}},
      {"---\n---\na: 1", {"---\na: 1"}, {"---\na: 1"}},  // one line feed serves one separator
      {"", {}, {}},
      {"\n---\n \n", {}, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(SplitManifests(row.text, Dialect::kHelm3) == row.helm3);
    CHECK(SplitManifests(row.text, Dialect::kHelm4) == row.helm4);
  }
}

std::string Document(absl::string_view kind, absl::string_view name,
                     absl::string_view annotations = "") {
  return absl::StrCat("kind: ", kind, "\nmetadata:\n  name: ", name, "\n  annotations: {",
                      annotations, "}\n");
}

TEST_CASE("documents are sorted by kind, then by path and place", "[helm]") {
  const RenderedFiles files = {
      {"c/a.yaml", absl::StrCat(Document("Zebra", "z"), "---\n", Document("Deployment", "d1"))},
      {"c/b.yaml",
       absl::StrCat(Document("Deployment", "d2"), "---\n", Document("Namespace", "ns"))},
      {"c/c.yaml", Document("MutatingWebhookConfiguration", "w")},
      {"c/_partial.yaml", "}"},
      {"c/d.yaml", Document("Apple", "a")}};
  const auto names = [&](Dialect dialect) {
    Texts found;
    const auto sorted = SortManifests(files, dialect);
    for (const Manifest& manifest : sorted->manifests) {
      found.push_back(manifest.name);
    }
    return found;
  };
  CHECK(names(Dialect::kHelm4) == Texts{"ns", "d1", "d2", "w", "a", "z"});
  CHECK(names(Dialect::kHelm3) == Texts{"ns", "d1", "d2", "a", "w", "z"});
}

TEST_CASE("hooks are told by their annotation", "[helm]") {
  const auto sorted =
      SortManifests(
          {{"c/a.yaml", Document("Job", "j",
                                 "helm.sh/hook: 'Post-Install, test-success', helm.sh/hook-weight: "
                                 "'-5', helm.sh/hook-delete-policy: 'hook-failed, x'")},
           {"c/b.yaml", Document("Job", "k", "helm.sh/hook: crd-install")},
           {"c/c.yaml", Document("Job", "l",
                                 "helm.sh/hook: test, "
                                 "helm.sh/hook-weight: '1.5'")}},
          Dialect::kHelm4)
          .value();
  REQUIRE(sorted.hooks.size() == 2);
  const Hook& hook = sorted.hooks[0];
  CHECK(hook.events == std::vector{HookEvent::kPostInstall, HookEvent::kTest});
  CHECK(hook.weight == -5);
  CHECK(hook.delete_policies == Texts{"hook-failed", "x"});
  CHECK(sorted.hooks[1].weight == 0);
  CHECK(sorted.manifests.empty());
  CHECK(sorted.warnings == Texts{"info: skipping unknown hook: \"crd-install\""});
}

TEST_CASE("documents that cannot be read are errors that name the file", "[helm]") {
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"a: b: c", "YAML parse error on c/x.yaml: error converting YAML to JSON: yaml: "},
      {"- a", "cannot unmarshal array into Go value of type util.SimpleHead"},
      {"metadata: {annotations: [a]}",
       "cannot unmarshal array into Go struct field .metadata.annotations of type "
       "map[string]string"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK_THAT(SortManifests({{"c/x.yaml", row.text}}, Dialect::kHelm4).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
}

TEST_CASE("uninstalling goes the other way round, what is unknown comes last in both", "[helm]") {
  CHECK(InstalledBefore("Namespace", "Deployment", Dialect::kHelm4));
  CHECK(UninstalledBefore("Deployment", "Namespace", Dialect::kHelm4));
  CHECK(InstalledBefore("APIService", "Anything", Dialect::kHelm3));
  CHECK(UninstalledBefore("PriorityClass", "Anything", Dialect::kHelm3));
  CHECK(UninstalledBefore("ValidatingWebhookConfiguration", "Pod", Dialect::kHelm4));
  CHECK_FALSE(UninstalledBefore("ValidatingWebhookConfiguration", "Pod", Dialect::kHelm3));
}

}  // namespace
}  // namespace sluice::helm
