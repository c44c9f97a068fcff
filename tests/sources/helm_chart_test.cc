// HelmCharts from all sources, with the sources' servers in the process.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/fs/memory_tree.h"
#include "common/helm/archive_files.h"
#include "common/helm/package.h"
#include "common/oci_testing/registry.h"
#include "common/testing/status_matchers.h"
#include "services/source-controller/helm_chart/reconciliation.h"
#include "services/source-controller/helm_repository/reconciler.h"
#include "services/source-controller/source/reconciler.h"
#include "tests/sources/registry_fixture.h"
#include "tests/sources/test_controller.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;
using source_controller::HelmChartReconciliation;
using source_controller::HelmRepositoryReconciler;
using source_controller::IndexCache;
using source_controller::IndexCacheOptions;
using source_controller::kHelmChart;
using source_controller::SourceReconciler;

using Files = std::map<std::string, std::string>;

std::string ChartYaml(const std::string& name, const std::string& version,
                      const std::string& more = "") {
  return absl::StrCat("apiVersion: v2\nname: ", name, "\nversion: ", version, "\n", more);
}

std::string Archive(const std::string& name, const std::string& version, const Files& more = {}) {
  helm::Metadata metadata;
  metadata.name = name;
  metadata.version = version;
  metadata.api_version = "v2";
  std::vector<helm::ChartFile> files = {{"values.yaml", "size: 1\nkeep: true\n"},
                                        {"templates/a.yaml", "a: {{ .Values.size }}\n"}};
  for (const auto& [path, text] : more) files.push_back({path, text});
  return helm::Package(metadata, files, absl::UnixEpoch()).value();
}

Files Unpack(const std::string& archive) {
  helm::LoadOptions options;
  helm::LoadBudget budget(options.limits);
  Files files;
  const auto read = helm::ReadArchiveFiles(archive, options, budget);
  REQUIRE_THAT(read.status(), IsOk());
  for (const helm::ChartFile& file : *read) {
    files[file.name] = file.data;
  }
  return files;
}

// A repository with charts/web in three versions, and db in one.
class ChartServer {
 public:
  ChartServer() : server_([this](const http::ServerRequest& request) { return Answer(request); }) {}

  std::string url() const { return server_.url(); }
  std::vector<http::ServerRequest> Take() { return server_.Take(); }

  std::function<bool(const http::ServerRequest&)> allows;
  std::string chart_host;  // of the charts' URLs in the index, instead of relative ones
  Files more;              // in the charts

 private:
  http::ServerResponse Answer(const http::ServerRequest& request) {
    if (allows != nullptr && !allows(request)) return {.status = 401};
    if (absl::EndsWith(request.path, "/index.yaml")) {
      std::string index = "apiVersion: v1\nentries:\n  web:\n";
      for (const char* version : {"1.0.0", "2.0.0-beta.1", "1.1.0"}) {
        absl::StrAppend(&index, "  - {name: web, version: ", version, ", urls: ['", chart_host,
                        chart_host.empty() ? "" : "/", "web-", version, ".tgz']}\n");
      }
      absl::StrAppend(&index, "  gone:\n  - {name: gone, version: 1.0.0, urls: [gone.tgz]}\n",
                      "  db:\n  - {name: db, version: 0.3.0, urls: [db-0.3.0.tgz]}\n");
      return {.body = index};
    }
    absl::string_view name = absl::string_view(request.path).substr(request.path.rfind('/') + 1);
    if (!absl::ConsumeSuffix(&name, ".tgz") || name == "gone") return {.status = 404};
    const size_t dash = name.find('-');
    return {.body = Archive(std::string(name.substr(0, dash)), std::string(name.substr(dash + 1)),
                            more)};
  }

  NotingServer server_;
};

class Charts : public TestController {
 public:
  explicit Charts(const IndexCacheOptions& cache = {})
      : TestController({"helmrepositories", "helmcharts", "gitrepositories", "buckets"}),
        cache_(cache, storage(), RealClock(), nullptr),
        repositories_(store(), with(), cache_),
        charts_(kHelmChart, store(), with(), [this](Value object) {
          return std::make_unique<HelmChartReconciliation>(with(), cloud(), cache_,
                                                           std::move(object));
        }) {}

  void AddRepository(const std::string& url, const std::string& more = "") {
    Apply(
        absl::StrCat("apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\n"
                     "metadata: {name: repo, namespace: default}\n"
                     "spec: {interval: 10m, timeout: 5s, url: '",
                     url, "'", more, "}\n"));
    REQUIRE_THAT(Reconcile(repositories_, "HelmRepository", "repo").status(), IsOk());
  }
  void AddChart(const std::string& spec, const std::string& kind = "HelmRepository") {
    Apply(
        absl::StrCat("apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\n"
                     "metadata: {name: c, namespace: default}\n"
                     "spec: {interval: 10m, sourceRef: {kind: ",
                     kind, ", name: repo}, ", spec, "}\n"));
  }
  // A source of `kind` whose artifact has these files.
  void AddSource(const std::string& kind, const std::string& revision, const Files& files) {
    const char* spec = kind == "Bucket" ? "bucketName: b, endpoint: e" : "url: 'https://h/x'";
    Apply(absl::StrCat("apiVersion: source.toolkit.fluxcd.io/v1\nkind: ", kind,
                       "\nmetadata: {name: repo, namespace: default}\nspec: {interval: 10m, ", spec,
                       "}\n"));
    fs::MemoryTree tree;
    for (const auto& [path, text] : files) REQUIRE_THAT(tree.AddFile(path, text), IsOk());
    api::Artifact artifact =
        storage().NewArtifact({kind, {"default", "repo"}}, revision, "x.tar.gz");
    REQUIRE_THAT(
        storage().Archive(
            api().ctx(), tree, [](absl::string_view, const fs::Entry&) { return false; }, artifact),
        IsOk());
    SetStatus(kind, "repo", {{"artifact", artifact.Encode()}});
  }

  // Keeps the index of another repository.
  void FillCache() {
    api::Artifact artifact =
        storage().NewArtifact({"HelmRepository", {"default", "other"}}, "r", "index-r.yaml");
    absl::string_view rest = "{}";
    REQUIRE_THAT(storage().Store(
                     api().ctx(),
                     [&rest]() -> absl::StatusOr<absl::string_view> {
                       return std::exchange(rest, absl::string_view());
                     },
                     artifact),
                 IsOk());
    CHECK(cache_.Find(api().ctx(), artifact, "any", {"default", "other"}).ok());
  }

  absl::StatusOr<runtime::Action> Run() { return Reconcile(charts_, "HelmChart", "c"); }
  Value Live() { return TestController::Live("HelmChart", "c"); }
  std::string Condition(absl::string_view type) { return ConditionText(Live(), type); }
  std::string Revision() { return std::string(Live()["status"]["artifact"]["revision"].str()); }
  // The files of the stored chart.
  Files Stored() {
    const auto artifact = api::Artifact::Decode(Live()["status"]["artifact"]);
    REQUIRE(artifact.has_value());
    std::ifstream file(absl::StrCat(storage().root(), "/", artifact->path), std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    return Unpack(bytes.str());
  }

 private:
  IndexCache cache_;
  HelmRepositoryReconciler repositories_;
  SourceReconciler charts_;
};

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

TEST_CASE("charts come from OCI registries", "[helm_chart]") {
  constexpr char kLayer[] = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
  for (const bool login : {false, true}) {
    CAPTURE(login);
    oci_testing::RegistryOptions options;
    if (login) {
      options.access = oci_testing::RegistryOptions::Access::kBasic;
      options.username = "user";
      options.password = "pass";
    }
    oci_testing::Registry registry(options);
    for (const char* version : {"1.0.0", "1.2.0", "1.2.0+build", "2.0.0-rc.1"}) {
      registry.AddArtifact("charts/web", absl::StrReplaceAll(version, {{"+", "_"}}), kLayer,
                           Archive("web", version));
    }
    Charts charts;
    charts.Apply(SecretManifest("login", {{"username", "user"}, {"password", "pass"}}));
    charts.AddRepository(
        absl::StrCat("oci://", registry.host(), "/charts/"),
        absl::StrCat(", type: oci, insecure: true", login ? ", secretRef: {name: login}" : ""));
    struct Row {
      const char* version;
      const char* expected;
    };
    for (const Row& row : {Row{"1.0.x", "1.0.0"}, Row{"1.0.0", "1.0.0"},
                           Row{"1.2.0+build", "1.2.0+build"}, Row{">=2.0.0-0", "2.0.0-rc.1"}}) {
      CAPTURE(row.version);
      charts.AddChart(absl::StrCat("chart: web, version: '", row.version, "'"));
      REQUIRE_THAT(charts.Run().status(), IsOk());
      CHECK(charts.Revision() == row.expected);
      CHECK(absl::StartsWith(charts.Condition("Ready"), "Ready=True ChartPullSucceeded"));
      CHECK(charts.Live()["status"]["observedSourceArtifactRevision"].is_null());
    }
    charts.AddChart("chart: web, version: '>3'");
    CHECK_FALSE(charts.Run().ok());
    CHECK(absl::StrContains(charts.Condition("FetchFailed"),
                            "ChartPullError: chart pull error: failed to get chart version for "
                            "remote reference: could not locate a version matching provided "
                            "version string >3"));
    if (login) {
      charts.Apply(SecretManifest("login", {{"username", "user"}, {"password", "wrong"}}));
      charts.AddChart("chart: web, version: 1.0.x");
      CHECK_FALSE(charts.Run().ok());
      CHECK(absl::StrContains(charts.Condition("FetchFailed"),
                              "Unknown: unknown build error: failed to authenticate with the Helm "
                              "repository: "));
    }
  }
}

TEST_CASE("registry secrets that do not fit are told as in Flux", "[helm_chart]") {
  struct Row {
    std::vector<std::pair<std::string, std::string>> data;
    const char* message;
  };
  const Row rows[] = {
      {{{"username", "a"}},
       "failed to configure OCI registry authentication: invalid 's' secret data: required fields "
       "'username' and 'password'"},
      {{{".dockerconfigjson", R"({"auths": {"other.example.com": {"auth": "YTpi"}}})"}},
       "failed to configure OCI registry authentication: no auth config for 'h.example.com' in the "
       "docker-registry Secret 's'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    Charts charts;
    charts.Apply(SecretManifest("s", row.data));
    charts.AddRepository("oci://h.example.com/charts", ", type: oci, secretRef: {name: s}");
    charts.AddChart("chart: web");
    CHECK_FALSE(charts.Run().ok());
    CHECK(charts.Condition("FetchFailed") ==
          absl::StrCat("FetchFailed=True Unknown: unknown build error: ", row.message));
  }
}

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

TEST_CASE("an index that does not fit into the cache is told", "[helm_chart]") {
  ChartServer server;
  Charts charts(IndexCacheOptions{.max_size = 0});
  CHECK(CacheEvents(charts, server) == 0);
  Charts small(IndexCacheOptions{.max_size = 1});
  small.FillCache();
  CHECK(CacheEvents(small, server) == 1);
}

constexpr char kChartLayer[] = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

TEST_CASE("signatures of charts are verified", "[helm_chart][verification]") {
  const SigningKey key = MakeSigningKey();
  oci_testing::Registry registry;
  CosignWith(key, registry, "charts/web",
             registry.AddArtifact("charts/web", "1.0.0", kChartLayer, Archive("web", "1.0.0")));
  CosignWith(key, registry, "charts/web",
             registry.AddArtifact("charts/web", "1.1.0_b", kChartLayer, Archive("web", "1.1.0+b")));
  registry.AddArtifact("charts/web", "2.0.0", kChartLayer, Archive("web", "2.0.0"));
  Charts charts;
  charts.Apply(SecretManifest("keys", {{"cosign.pub", key.public_pem}}));
  charts.AddRepository(absl::StrCat("oci://", registry.host(), "/charts"),
                       ", type: oci, insecure: true");
  constexpr char kVerify[] = ", verify: {provider: cosign, secretRef: {name: keys}}";
  for (const std::string version : {"1.0.0", "1.1.0+b"}) {
    charts.AddChart(absl::StrCat("chart: web, version: '", version, "'", kVerify));
    REQUIRE_THAT(charts.Run().status(), IsOk());
    CHECK(charts.Condition("SourceVerified") ==
          "SourceVerified=True Succeeded: verified signature of version " + version);
    CHECK(charts.Revision() == version);
  }
  const int signatures = registry.CountOf(".sig");
  REQUIRE_THAT(charts.Run().status(), IsOk());  // at every interval
  CHECK(registry.CountOf(".sig") == signatures + 1);

  charts.AddChart(absl::StrCat("chart: web, version: 2.0.0", kVerify));
  CHECK_FALSE(charts.Run().ok());
  const std::string message = charts.Condition("SourceVerified");
  CHECK(absl::StartsWith(
      message,
      absl::StrCat("SourceVerified=False VerificationError: chart verification error: failed to "
                   "verify the signature using provider 'cosign': no matching signatures were "
                   "found for '",
                   registry.host(), "/charts/web@sha256:")));
  CHECK(absl::StartsWith(charts.Condition("BuildFailed"),
                         "BuildFailed=True ChartVerificationError: chart verification error: "));
  CHECK(absl::StartsWith(charts.Condition("Ready"), "Ready=False VerificationError"));
  CHECK(charts.Revision() == "1.1.0+b");  // what was verified stays
  charts.AddChart("chart: web, version: 2.0.0");
  REQUIRE_THAT(charts.Run().status(), IsOk());
  CHECK(charts.Condition("SourceVerified").empty());
  CHECK(charts.Condition("BuildFailed").empty());
}

TEST_CASE("a cloud's identity reaches the cloud's registries only", "[helm_chart]") {
  oci_testing::Registry registry;
  Charts charts;
  charts.AddRepository(absl::StrCat("oci://", registry.host(), "/charts"),
                       ", type: oci, insecure: true, provider: gcp");
  charts.AddChart("chart: web, version: 1.0.0");
  CHECK_FALSE(charts.Run().ok());
  CHECK(absl::StrContains(charts.Condition("FetchFailed"),
                          "failed to get credential from 'gcp': invalid GCP registry: '"));
  CHECK(registry.requests().empty());
}

TEST_CASE("charts over HTTP cannot be verified", "[helm_chart][verification]") {
  ChartServer server;
  Charts charts;
  charts.AddRepository(server.url());
  charts.AddChart("chart: web, verify: {provider: cosign}");
  CHECK_FALSE(charts.Run().ok());
  CHECK(charts.Condition("SourceVerified") ==
        "SourceVerified=False VerificationError: chart verification error: failed to verify chart "
        "'web': not implemented");
  CHECK(charts.Live()["status"]["artifact"].is_null());
}

}  // namespace
}  // namespace sluice::sources
