// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/generators/helm_chart.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/fs/memory_tree.h"
#include "common/kustomize/build.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::kustomize {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// Renders one ConfigMap that says what it was asked for.
class EchoRenderer : public ChartRenderer {
 public:
  absl::StatusOr<std::string> Render(const fs::Tree& tree,
                                     const ChartRelease& release) const override {
    std::string values;
    for (const Value& one : release.values) absl::StrAppend(&values, value::FormatJson(one));
    const std::string asked =
        absl::StrCat(release.chart, "|", release.name, "|", release.namespace_name, "|", values,
                     "|", release.kube_version, "|", absl::StrJoin(release.api_versions, ","), "|",
                     release.include_crds, release.skip_hooks, release.skip_tests);
    const bool exists = tree.Stat(absl::StrCat(release.chart, "/Chart.yaml")).ok();
    return absl::StrCat("---\n# Source: x\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n",
                        "data:\n  asked: '", asked, "'\n  exists: '", exists, "'\n");
  }
};

absl::StatusOr<BuildResult> Built(const std::string& kustomization, bool with_renderer = true,
                                  bool enabled = true) {
  const fs::MemoryTree tree =
      fs::MemoryTree::FromFiles(
          {
              {"app/kustomization.yaml", kustomization},
              {"app/charts/web/Chart.yaml", "name: web"},
              {"app/charts/web/values.yaml", "{a: 1, b: {c: 2, d: 3}}"},
              {"app/more.yaml", "{a: 7}"},
              {"app/own/web/values.yaml", ""},
              {"app/charts/web-1.0/web/values.yaml", "{v: 1}"},
              {"over/kustomization.yaml", "resources: [../app]\nnamespace: above\nnamePrefix: p-"},
          })
          .value();
  const EchoRenderer renderer;
  BuildOptions options;
  options.helm.enabled = enabled;
  if (with_renderer) options.helm.renderer = &renderer;
  options.helm.kube_version = "1.30";
  options.helm.api_versions = {"x/v1"};
  return Build(tree, absl::StrContains(kustomization, "# over") ? "over" : "app", options);
}

TEST_CASE("a chart is rendered with what the kustomization says", "[kustomize]") {
  struct Row {
    const char* kustomization;
    const char* asked;
  };
  const Row rows[] = {
      {"helmCharts: [{name: web, releaseName: r}]",
       "app/charts/web|r||{\"a\":1,\"b\":{\"c\":2,\"d\":3}}|1.30|x/v1|000"},
      {"helmCharts: [{name: web, releaseName: r, namespace: ns, kubeVersion: '1.29', "
       "apiVersions: [z], includeCRDs: true, skipHooks: true, skipTests: true}]\nnamespace: other",
       "app/charts/web|r|ns|{\"a\":1,\"b\":{\"c\":2,\"d\":3}}|1.29|z|111"},
      {"helmCharts: [{name: web, releaseName: r, valuesInline: {b: {c: 9}}}]",
       "app/charts/web|r||{\"a\":1,\"b\":{\"c\":9,\"d\":3}}|1.30|x/v1|000"},
      {"helmCharts: [{name: web, releaseName: r, valuesInline: {b: {c: 9}}, valuesMerge: merge}]",
       "app/charts/web|r||{\"a\":1,\"b\":{\"c\":2,\"d\":3}}|1.30|x/v1|000"},
      {"helmCharts: [{name: web, releaseName: r, valuesInline: {z: 9}, valuesMerge: replace}]",
       "app/charts/web|r||{\"z\":9}|1.30|x/v1|000"},
      {"helmCharts: [{name: web, releaseName: r, valuesFile: more.yaml, "
       "additionalValuesFiles: [more.yaml]}]",
       "app/charts/web|r||{\"a\":7}{\"a\":7}|1.30|x/v1|000"},
      {"helmCharts: [{name: web, releaseName: r}]\nhelmGlobals: {chartHome: own}",
       "app/own/web|r||{}|1.30|x/v1|000"},
      {"helmCharts: [{name: web, releaseName: r, version: '1.0', repo: 'https://x'}]",
       "app/charts/web-1.0/web|r||{\"v\":1}|1.30|x/v1|000"},
      {"helmChartInflationGenerator: [{chartName: web, releaseName: r, chartHome: own}]",
       "app/own/web|r||{}|1.30|x/v1|000"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.kustomization);
    const auto built = Built(row.kustomization);
    REQUIRE_THAT(built.status(), IsOk());
    REQUIRE(built->resources.size() == 1);
    CHECK(built->resources[0]["data"]["asked"].str() == row.asked);
  }
}

TEST_CASE("a chart gets the namespace of the kustomization, its objects do not", "[kustomize]") {
  const auto built = Built("helmCharts: [{name: web, releaseName: r}] # over");
  REQUIRE_THAT(built.status(), IsOk());
  const Value& object = built->resources.at(0);
  CHECK(absl::StrContains(std::string(object["data"]["asked"].str()), "|r|above|"));
  CHECK(object["data"]["exists"].str() == "1");
  CHECK(object["metadata"]["namespace"].is_null());
  CHECK(object["metadata"]["name"].str() == "p-c");
}

TEST_CASE("the generator as a plugin renders too", "[kustomize]") {
  const auto built = Built(
      "generators: ['{apiVersion: builtin, kind: HelmChartInflationGenerator, metadata: {name: g}, "
      "name: web, releaseName: r, chartHome: own}']");
  REQUIRE_THAT(built.status(), IsOk());
  CHECK(built->resources.at(0)["data"]["asked"].str() == "app/own/web|r||{}|1.30|x/v1|000");
}

TEST_CASE("charts that cannot be rendered are refused", "[kustomize]") {
  const std::string good = "helmCharts: [{name: web, releaseName: r}]";
  CHECK_THAT(Built(good, true, /*enabled=*/false).status(),
             StatusIs(kInvalid, "must specify --enable-helm"));
  CHECK_THAT(Built(good, /*with_renderer=*/false).status(),
             StatusIs(absl::StatusCode::kUnimplemented, "cannot render Helm charts yet"));
  struct Row {
    const char* chart;
    absl::StatusCode code;
    const char* message;
  };
  const Row rows[] = {
      {"releaseName: r", kInvalid, "chart name cannot be empty"},
      {"name: web", kInvalid, "write its releaseName"},
      {"name: web, releaseName: r, nameTemplate: t", kInvalid, "no nameTemplate"},
      {"name: web, releaseName: r, valuesMerge: x", kInvalid,
       "valuesMerge must be one of [merge override replace]"},
      {"name: web, releaseName: r, valuesInline: []", kInvalid, "valuesInline is no map"},
      {"name: web, releaseName: r, chartHome: x", kInvalid, "unknown field \"chartHome\""},
      {"name: none, releaseName: r", absl::StatusCode::kNotFound,
       "no chart found at '/app/charts/none'; nothing is fetched here"},
      {"name: web, releaseName: r, valuesFile: no.yaml", absl::StatusCode::kNotFound, "no.yaml"},
      {"name: web, releaseName: r, additionalValuesFiles: [no.yaml]", absl::StatusCode::kNotFound,
       "could not load additionalValuesFile"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.chart);
    CHECK_THAT(Built(absl::StrCat("helmCharts: [{", row.chart, "}]")).status(),
               StatusIs(row.code, row.message));
  }
}

}  // namespace
}  // namespace sluice::kustomize
