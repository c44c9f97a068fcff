// HelmCharts from Helm repositories, with a server in the process.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "common/testing/status_matchers.h"
#include "tests/sources/helm_chart_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;

// As recorded from Flux (shared/corpus/conditions/chart-latest and chart-range).
TEST_CASE("a chart of a Helm repository is stored as it came", "[helm_chart]") {
  struct Row {
    const char* version;
    const char* expected;
  };
  const Row rows[] = {{"*", "1.1.0"}, {"1.0.x", "1.0.0"}, {">=1.0.0-0", "2.0.0-beta.1"}};
  for (const Row& row : rows) {
    CAPTURE(row.version);
    ChartServer server;
    Charts charts;
    charts.AddRepository(server.url() + "/charts");
    charts.AddChart(absl::StrCat("chart: web, version: '", row.version, "'"));
    REQUIRE_THAT(charts.Run().status(), IsOk());
    const Value object = charts.Live();
    const std::string version = row.expected;
    const std::string summary =
        absl::StrCat("True ChartPullSucceeded: pulled 'web' chart with version '", version, "'");
    CHECK(charts.Condition("Ready") == "Ready=" + summary);
    CHECK(charts.Condition("ArtifactInStorage") == "ArtifactInStorage=" + summary);
    CHECK(object["status"]["conditions"].size() == 2);
    CHECK(object["status"]["observedChartName"].str() == "web");
    CHECK(object["status"]["observedGeneration"].int_or(0) == 1);
    CHECK(object["status"]["observedSourceArtifactRevision"] ==
          static_cast<TestController&>(charts).Live("HelmRepository",
                                                    "repo")["status"]["artifact"]["revision"]);
    CHECK(object["status"]["url"].str() == "http://source/helmchart/default/c/latest.tar.gz");
    CHECK(object["status"]["artifact"]["path"].str() ==
          absl::StrCat("helmchart/default/c/web-", version, ".tgz"));
    CHECK(charts.Revision() == version);
    CHECK(object["status"]["artifact"]["digest"].str() ==
          "sha256:" + crypto::Sha256Hex(Archive("web", version)));

    // Nothing new: nothing is downloaded.
    server.Take();
    REQUIRE_THAT(charts.Run().status(), IsOk());
    CHECK(server.Take().empty());
    CHECK(charts.Live()["status"]["artifact"] == object["status"]["artifact"]);
    const auto events = charts.Events("c");
    CHECK(events == std::vector<std::string>{
                        absl::StrCat("Normal ChartPullSucceeded pulled 'web' chart with version '",
                                     version, "'"),
                        absl::StrCat("Normal ArtifactUpToDate artifact up-to-date with remote "
                                     "revision: '",
                                     version, "'")});
  }
}

TEST_CASE("charts that are not there are told as in Flux", "[helm_chart]") {
  struct Row {
    const char* spec;
    const char* condition;
    bool stalled;
  };
  const Row rows[] = {
      {"chart: nope",
       "InvalidChartReference: invalid chart reference: failed to get chart version for remote "
       "reference: no chart name found",
       true},
      {"chart: web, version: 9.9.9",
       "InvalidChartReference: invalid chart reference: failed to get chart version for remote "
       "reference: no 'web' chart with version matching '9.9.9' found",
       true},
      {"chart: ../web",
       "InvalidChartReference: invalid chart reference: invalid chart name "
       "'../web'",
       true},
      {"chart: Web", "InvalidChartReference: invalid chart reference: invalid chart name 'Web'",
       true},
      {"chart: gone",
       "ChartPullError: chart pull error: failed to download chart for remote reference: failed "
       "to fetch ",
       false},
  };
  ChartServer server;
  for (const Row& row : rows) {
    CAPTURE(row.spec);
    Charts charts;
    charts.AddRepository(server.url());
    charts.AddChart(row.spec);
    CHECK(charts.Run().ok() == row.stalled);
    for (const char* type : {"Ready", "FetchFailed"}) {
      CHECK(absl::StrContains(charts.Condition(type), row.condition));
    }
    CHECK((charts.Condition("Stalled") != "") == row.stalled);
    CHECK(charts.Condition("Ready").substr(0, 11) == "Ready=False");
  }
}

TEST_CASE("a chart waits for its source", "[helm_chart]") {
  Charts charts;
  charts.AddChart("chart: web");
  CHECK_FALSE(charts.Run().ok());
  CHECK(charts.Condition("FetchFailed") ==
        "FetchFailed=True SourceUnavailable: failed to get source: "
        "HelmRepository.source.toolkit.fluxcd.io \"repo\" not found");
  CHECK(charts.Live()["status"]["observedGeneration"].int_or(0) == -1);

  charts.Apply(
      "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\n"
      "metadata: {name: repo, namespace: default}\nspec: {interval: 1m, url: 'http://h'}\n");
  CHECK(charts.Run().ok());
  CHECK(charts.Condition("FetchFailed") ==
        "FetchFailed=True NoSourceArtifact: no artifact available for HelmRepository source "
        "'repo'");
  CHECK(charts.Condition("Reconciling") ==
        "Reconciling=True ProgressingWithRetry: building artifact");
  CHECK(charts.Live()["status"]["observedSourceArtifactRevision"].is_null());
}

TEST_CASE("values files of a remote chart are merged", "[helm_chart]") {
  ChartServer server;
  server.more = {{"more.yaml", "size: 3\nmap: {a: 1}\n"}, {"bad.yaml", "- no table\n"}};
  Charts charts;
  charts.AddRepository(server.url());
  charts.AddChart("chart: web, version: 1.0.0, valuesFiles: [values.yaml, more.yaml]");
  REQUIRE_THAT(charts.Run().status(), IsOk());
  CHECK(charts.Revision() == "1.0.0+1");
  CHECK(charts.Condition("Ready") ==
        "Ready=True ChartPackageSucceeded: packaged 'web' chart with version '1.0.0+1' and merged "
        "values files [values.yaml more.yaml]");
  Files files = charts.Stored();
  CHECK(files["values.yaml"] == "keep: true\nmap:\n  a: 1\nsize: 3\n");
  CHECK(absl::StrContains(files["Chart.yaml"], "version: 1.0.0+1\n"));
  CHECK(files["templates/a.yaml"] == "a: {{ .Values.size }}\n");
  CHECK(charts.Live()["status"]["observedValuesFiles"].is_null());

  // Another spec, another build, even of the same version of the chart.
  charts.AddChart(
      "chart: web, version: 1.0.0, ignoreMissingValuesFiles: true, valuesFiles: [more.yaml, x]");
  REQUIRE_THAT(charts.Run().status(), IsOk());
  CHECK(charts.Revision() == "1.0.0+2");
  CHECK(charts.Live()["status"]["observedValuesFiles"].size() == 1);
  CHECK(charts.Stored()["values.yaml"] == "map:\n  a: 1\nsize: 3\n");

  charts.AddChart(
      "chart: web, version: 1.0.0, ignoreMissingValuesFiles: true, valuesFiles: [x, z]");
  REQUIRE_THAT(charts.Run().status(), IsOk());
  CHECK(charts.Stored()["values.yaml"] == "");
  CHECK(charts.Live()["status"]["observedValuesFiles"].is_null());

  struct Row {
    const char* file;
    const char* message;
  };
  for (const Row& row : {Row{"x", "failed to merge chart values: no values file found at path 'x'"},
                         Row{"templates/a.yaml", "no values file found at path 'templates/a.yaml'"},
                         Row{"bad.yaml",
                             "failed to merge chart values: unmarshaling values from 'bad.yaml' "
                             "failed: "}}) {
    CAPTURE(row.file);
    charts.AddChart(
        absl::StrCat("chart: web, version: 1.0.0, ignoreMissingValuesFiles: false, valuesFiles: [",
                     row.file, "]"));
    CHECK(charts.Run().ok());
    CHECK(absl::StrContains(charts.Condition("BuildFailed"),
                            "BuildFailed=True ValuesFilesError: values files merge error: "));
    CHECK(absl::StrContains(charts.Condition("BuildFailed"), row.message));
    CHECK(charts.Condition("Stalled") != "");
  }
}

TEST_CASE("charts are fetched with the repository's credentials", "[helm_chart]") {
  ChartServer server;
  server.allows = [](const http::ServerRequest& request) {
    return request.headers.Get("Authorization") == "Basic dXNlcjpwYXNz";
  };
  Charts charts;
  charts.Apply(SecretManifest("login", {{"username", "user"}, {"password", "pass"}}));
  charts.AddRepository(server.url(), ", secretRef: {name: login}");
  charts.AddChart("chart: web");
  REQUIRE_THAT(charts.Run().status(), IsOk());

  // Refused meanwhile. What Flux says of it is in the condition, the reason in the event.
  server.allows = [](const http::ServerRequest&) { return false; };
  charts.AddChart("chart: web, version: 1.0.0");
  CHECK_FALSE(charts.Run().ok());
  CHECK(absl::StartsWith(charts.Condition("FetchFailed"),
                         "FetchFailed=True Unknown: unknown build error: failed to authenticate "
                         "with the Helm repository: chart pull error: "));
  CHECK(absl::StrContains(charts.Condition("FetchFailed"), "401 Unauthorized"));
  bool told = false;
  for (const std::string& event : charts.Events("c")) {
    told = told || absl::StartsWith(event, "Warning AuthenticationFailed failed to authenticate");
  }
  CHECK(told);
}

TEST_CASE("credentials reach another host only if they are passed on", "[helm_chart]") {
  for (const bool pass : {false, true}) {
    CAPTURE(pass);
    ChartServer other;
    ChartServer server;
    server.chart_host = other.url();
    Charts charts;
    charts.Apply(SecretManifest("login", {{"username", "user"}, {"password", "pass"}}));
    charts.AddRepository(server.url(), absl::StrCat(", secretRef: {name: login}, passCredentials: ",
                                                    pass ? "true" : "false"));
    charts.AddChart("chart: web");
    REQUIRE_THAT(charts.Run().status(), IsOk());
    const auto requests = other.Take();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].headers.Has("Authorization") == pass);
  }
}

TEST_CASE("a chart that is too large is refused", "[helm_chart]") {
  ChartServer server;
  Charts charts;
  charts.options().helm_chart_max_size = 100;
  charts.AddRepository(server.url());
  charts.AddChart("chart: web");
  CHECK_FALSE(charts.Run().ok());
  CHECK(absl::StrContains(charts.Condition("FetchFailed"),
                          "size of chart 'web' exceeds '100' bytes limit"));
}

TEST_CASE("what is served as a chart must be one", "[helm_chart]") {
  NotingServer server([](const http::ServerRequest& request) {
    if (request.path == "/index.yaml") {
      return http::ServerResponse{
          .body = "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, urls: [x]}\n"};
    }
    return http::ServerResponse{.body = "no archive"};
  });
  Charts charts;
  charts.AddRepository(server.url());
  charts.AddChart("chart: web");
  CHECK_FALSE(charts.Run().ok());
  CHECK(absl::StartsWith(charts.Condition("FetchFailed"),
                         "FetchFailed=True ChartPullError: chart pull error: "));
}

// How many events tell that the index of `server` was not kept.
int CacheEvents(Charts& charts, const ChartServer& server) {
  charts.AddRepository(server.url());
  charts.AddChart("chart: web");
  REQUIRE_THAT(charts.Run().status(), IsOk());
  int count = 0;
  for (const std::string& event : charts.Events("c")) {
    if (event == "Normal CacheOperationFailed failed to cache index: Cache is full") ++count;
  }
  return count;
}

TEST_CASE("an index that does not fit into the cache is told", "[helm_chart]") {
  ChartServer server;
  Charts charts(source_controller::IndexCacheOptions{.max_size = 0});
  CHECK(CacheEvents(charts, server) == 0);
  Charts small(source_controller::IndexCacheOptions{.max_size = 1});
  small.FillCache();
  CHECK(CacheEvents(small, server) == 1);
}

}  // namespace
}  // namespace sluice::sources
