// HelmCharts made of the files of other sources.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "common/testing/status_matchers.h"
#include "tests/sources/helm_chart_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;

TEST_CASE("charts in a source's files are packaged", "[helm_chart]") {
  const Files files = {
      {"charts/app/Chart.yaml", ChartYaml("app", "0.1.0")},
      {"charts/app/values.yaml", "size: 1\n"},
      {"charts/app/templates/a.yaml", "a: 1\n"},
      {"charts/app/notes.bak", "left out"},
      {"charts/app/.helmignore", "*.bak\n"},
      {"prod.yaml", "size: 2\n"},
  };
  struct Row {
    const char* kind;
    const char* revision;
    const char* spec;
    const char* expected;
  };
  const Row rows[] = {
      {"GitRepository", "main@sha1:6c3a9b2f01de55555555555555555555555555aa", "", "0.1.0"},
      {"GitRepository", "main@sha1:6c3a9b2f01de55555555555555555555555555aa",
       ", reconcileStrategy: Revision", "0.1.0+6c3a9b2f01de"},
      {"GitRepository", "main@sha1:6c3a9b2f01de55555555555555555555555555aa",
       ", reconcileStrategy: Revision, valuesFiles: [prod.yaml]", "0.1.0+6c3a9b2f01de.1"},
      {"Bucket", "sha256:0123456789abcdef", ", reconcileStrategy: Revision", "0.1.0+0123456789ab"},
      {"Bucket", "sha256:0123456789abcdef", ", valuesFiles: [../../prod.yaml]", "0.1.0+1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.kind, row.spec);
    Charts charts;
    charts.AddSource(row.kind, row.revision, files);
    charts.AddChart(absl::StrCat("chart: ./charts/app", row.spec), row.kind);
    REQUIRE_THAT(charts.Run().status(), IsOk());
    CHECK(charts.Revision() == row.expected);
    CHECK(absl::StartsWith(charts.Condition("Ready"),
                           absl::StrCat("Ready=True ChartPackageSucceeded: packaged 'app' chart "
                                        "with version '",
                                        row.expected, "'")));
    Files stored = charts.Stored();
    CHECK_FALSE(stored.contains("notes.bak"));
    CHECK(stored["values.yaml"] ==
          (absl::StrContains(row.spec, "valuesFiles") ? "size: 2\n" : "size: 1\n"));
    CHECK(charts.Live()["status"]["observedSourceArtifactRevision"].str() == row.revision);
    const Value artifact = charts.Live()["status"]["artifact"];
    REQUIRE_THAT(charts.Run().status(), IsOk());
    CHECK(charts.Live()["status"]["artifact"] == artifact);
  }
}

TEST_CASE("an archive in a source's files is stored as it is", "[helm_chart]") {
  Charts charts;
  const std::string archive = Archive("web", "1.0.0");
  charts.AddSource("GitRepository", "main@sha1:aa", {{"web.tgz", archive}});
  charts.AddChart("chart: web.tgz", "GitRepository");
  REQUIRE_THAT(charts.Run().status(), IsOk());
  CHECK(charts.Live()["status"]["artifact"]["digest"].str() ==
        "sha256:" + crypto::Sha256Hex(archive));
  CHECK(absl::StartsWith(charts.Condition("Ready"), "Ready=True ChartPullSucceeded: pulled"));
}

TEST_CASE("what is no chart in a source's files stalls", "[helm_chart]") {
  struct Row {
    const char* chart;
    const char* message;
  };
  const Row rows[] = {
      {"./app", "invalid chart reference: "},          {"/app", "absolute chart path not allowed"},
      {"./nothing", "no such file or directory"},      {"./text.txt", "invalid chart reference: "},
      {"./bad", "validation: chart.metadata.version"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.chart);
    Charts charts;
    charts.AddSource("GitRepository", "main@sha1:aa",
                     {{"app/x", ""}, {"text.txt", "x"}, {"bad/Chart.yaml", "name: bad\n"}});
    charts.AddChart(absl::StrCat("chart: ", row.chart), "GitRepository");
    CHECK(charts.Run().ok());
    CHECK(absl::StartsWith(charts.Condition("Stalled"), "Stalled=True InvalidChartReference"));
    CHECK(absl::StrContains(charts.Condition("FetchFailed"), row.message));
  }
}

TEST_CASE("dependencies that are missing are added", "[helm_chart]") {
  ChartServer server;
  const std::string dependencies = absl::StrCat(
      "dependencies:\n", "- {name: web, version: 1.x, repository: '", server.url(), "/charts/'}\n",
      "- {name: db, version: 0.3.0, repository: '", server.url(), "/charts', alias: store}\n",
      "- {name: lib, version: '>=0.1', repository: 'file://../lib'}\n",
      "- {name: inner, version: '*'}\n");
  Charts charts;
  charts.AddRepository(server.url() + "/charts");
  const Value repository = static_cast<TestController&>(charts).Live("HelmRepository", "repo");
  charts.AddSource("GitRepository", "main@sha1:aa",
                   {{"app/Chart.yaml", ChartYaml("app", "0.1.0", dependencies)},
                    {"app/charts/inner/Chart.yaml", ChartYaml("inner", "1.0.0")},
                    {"lib/Chart.yaml", ChartYaml("lib", "0.2.0", "type: library\n")},
                    {"lib/templates/_a.tpl", "x"}});
  charts.AddChart("chart: app", "GitRepository");
  REQUIRE_THAT(charts.Run().status(), IsOk());
  Files stored = charts.Stored();
  CHECK(stored.contains("charts/web/Chart.yaml"));
  CHECK(absl::StrContains(stored["charts/store/Chart.yaml"], "name: store\n"));
  CHECK(stored.contains("charts/lib/templates/_a.tpl"));
  CHECK(stored.contains("charts/inner/Chart.yaml"));
  bool told = false;
  for (const std::string& event : charts.Events("c")) {
    told = told || event == "Normal ResolvedDependencies resolved 3 chart dependencies";
  }
  CHECK(told);
}

TEST_CASE("dependencies that cannot be added are told as in Flux", "[helm_chart]") {
  ChartServer server;
  struct Row {
    std::string dependency;
    const char* message;
  };
  const Row rows[] = {
      {"{name: lib, version: '>=9', repository: 'file://../lib'}",
       "failed to add local dependency 'lib': can't get a valid version for constraint '>=9'"},
      {"{name: nope, version: '*', repository: 'file://../../../nope'}",
       "failed to add local dependency 'nope': no chart found at '/nope' (reference "
       "'file://../../../nope')"},
      {"{name: nope, version: '*'}",
       "failed to add local dependency 'nope': no chart found at '/app/charts/nope' (reference "
       "'')"},
      {"{name: x, version: '*', repository: '@stable'}",
       "failed to add remote dependency 'x': unsupported repository '@stable'"},
      {absl::StrCat("{name: x, version: '*', repository: '", server.url(), "'}"),
       "failed to add remote dependency 'x': "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.dependency);
    Charts charts;
    charts.AddSource(
        "GitRepository", "main@sha1:aa",
        {{"app/Chart.yaml",
          ChartYaml("app", "0.1.0", absl::StrCat("dependencies:\n- ", row.dependency, "\n"))},
         {"lib/Chart.yaml", ChartYaml("lib", "0.2.0")}});
    charts.AddChart("chart: app", "GitRepository");
    CHECK_FALSE(charts.Run().ok());
    CHECK(absl::StartsWith(charts.Condition("BuildFailed"),
                           "BuildFailed=True DependencyBuildError: dependency build error: "));
    CHECK(absl::StrContains(charts.Condition("BuildFailed"), row.message));
  }
}

}  // namespace
}  // namespace sluice::sources
