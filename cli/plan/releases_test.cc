// HelmReleases, charts and secrets.

// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/plan/output.h"
#include "cli/plan/testing.h"
#include "common/crypto/digest.h"
#include "common/helm/package.h"
#include "common/http/server.h"
#include "common/oci_testing/registry.h"
#include "common/value/json.h"

namespace sluice::plan {
namespace {

constexpr char kRelease[] =
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: "
    "web}\nspec:\n  interval: 1h\n";

void WriteChart(TestRepository& repo) {
  repo.Write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
  repo.Write("charts/web/values.yaml", "size: small\n");
  repo.Write("charts/web/templates/a.yaml",
             "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {size: "
             "{{ .Values.size }}, token: {{ randAlphaNum 8 | quote }}}\n");
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("a release of a chart in the repository changes with chart and values", "[plan]") {
  TestRepository repo;
  WriteChart(repo);
  repo.WriteUnit("web");
  const std::string chart =
      "  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: flux-system, "
      "namespace: flux-system}}}\n";
  repo.Write("apps/web/release.yaml",
             absl::StrCat(kRelease, chart, "  valuesFrom: [{kind: ConfigMap, name: values}]\n"));
  const auto values = [](const std::string& size) {
    return absl::StrCat(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values, namespace: "
        "web}\ndata: {values.yaml: 'size: ",
        size, "'}\n");
  };
  repo.Write("apps/web/values.yaml", values("medium"));
  repo.Commit();
  CHECK(FindingsOf(repo.TestLast(), Level::kNote).empty());
  repo.Write("apps/web/values.yaml", values("large"));
  repo.Commit();
  const Report report = repo.PlanLast();
  CHECK(ChangesOf(report) == "change ConfigMap/web/values\nchange ConfigMap/web/web");
  // What is drawn by lot is drawn the same.
  REQUIRE(report.changes[1].fields.size() == 1);
  CHECK(report.changes[1].fields[0] == FieldChange{"data.size", "medium", "large"});
  CHECK(report.changes[1].unit == "HelmRelease/web/web");
}

TEST_CASE("a release waits for sources that come with whatever waits for a cluster", "[plan]") {
  TestRepository repo;
  WriteChart(repo);
  repo.WriteUnit("charts", "{postBuild: {substituteFrom: [{kind: Secret, name: elsewhere}]}}");
  repo.Write("apps/charts/chart.yaml",
             "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\nmetadata: {name: web, "
             "namespace: web}\nspec: {interval: 1h, chart: charts/web, sourceRef: {kind: "
             "GitRepository, name: flux-system}}\n");
  repo.WriteUnit("web");
  repo.Write("apps/web/release.yaml",
             absl::StrCat(kRelease, "  chartRef: {kind: HelmChart, name: web}\n"));
  repo.Commit();
  const Report report = repo.TestLast();
  CHECK(FindingsOf(report, Level::kNote) == "SLP202 Kustomization/flux-system/charts");
  CHECK(absl::StrContains(FormatText(report, {}), "PASS HelmRelease/web/web ConfigMap/web/web"));
}

TEST_CASE("charts from elsewhere are taken from the cache, the newest that suits", "[plan]") {
  TestRepository repo;
  repo.WriteUnit("web");
  repo.Write("apps/web/release.yaml",
             absl::StrCat(kRelease,
                          "  chart: {spec: {chart: web, version: '>=1 <2', sourceRef: "
                          "{kind: HelmRepository, name: r}}}\n"));
  repo.Write("apps/web/repository.yaml",
             "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: r, "
             "namespace: web}\nspec: {interval: 1h, url: 'https://charts.example.org/'}\n");
  repo.Commit();
  const Report without = repo.TestLast();
  CHECK(FindingsOf(without, Level::kWarning) == "SLP201 HelmRelease/web/web");
  CHECK(absl::StrContains(FormatText(without, {}),
                          "not rendered: chart web >=1 <2 of https://charts.example.org/ is not in "
                          "the cache"));

  const std::filesystem::path folder = repo.options.cache_folder + "/charts";
  std::filesystem::create_directories(folder / "sha256");
  Value charts = Value::EmptyArray();
  for (const char* version : {"1.0.0", "1.2.0", "2.0.0"}) {
    helm::Metadata metadata;
    metadata.name = "web";
    metadata.version = version;
    metadata.api_version = "v2";
    const std::string archive =
        helm::Package(metadata,
                      {{"templates/a.yaml",
                        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-cache}\ndata: "
                        "{version: {{ .Chart.Version | quote }}}\n"}},
                      absl::UnixEpoch())
            .value();
    const std::string hex = crypto::Sha256Hex(archive);
    std::ofstream(folder / "sha256" / hex, std::ios::binary) << archive;
    charts.Append({{"repository", "https://charts.example.org"},
                   {"chart", "web"},
                   {"version", version},
                   {"digest", absl::StrCat("sha256:", hex)}});
  }
  std::ofstream(folder / "charts.lock") << value::FormatJson({{"charts", charts}});
  const Report with = repo.TestLast();
  CHECK(FindingsOf(with, Level::kWarning).empty());
  CHECK(
      absl::StrContains(FormatText(with, {}), "PASS HelmRelease/web/web ConfigMap/web/from-cache"));

  // An archive that is not what its digest says is not used.
  for (const auto& file : std::filesystem::directory_iterator(folder / "sha256")) {
    std::ofstream(file.path(), std::ios::binary) << "else";
  }
  std::filesystem::remove_all(repo.options.cache_folder + "/plan");
  CHECK(FindingsOf(repo.TestLast(), Level::kError) == "SLP101 HelmRelease/web/web");
}

// An archive of the chart web 1.1.0.
std::string FetchedChart() {
  helm::Metadata metadata;
  metadata.name = "web";
  metadata.version = "1.1.0";
  metadata.api_version = "v2";
  return helm::Package(
             metadata,
             {{"templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fetched}\n"}},
             absl::UnixEpoch())
      .value();
}

// Sets an environment variable for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

TEST_CASE("with --fetch a chart is fetched once, and found in the cache from then on", "[plan]") {
  const std::string archive = FetchedChart();
  std::atomic<int> requests = 0;
  const auto server =
      http::Server::Start({.address = "127.0.0.1:0"}, [&](const Context&,
                                                          const http::ServerRequest& request) {
        ++requests;
        http::ServerResponse response;
        response.body = request.path == "/charts/index.yaml"
                            ? "apiVersion: v1\nentries:\n  web:\n    - {name: "
                              "web, version: 1.1.0, urls: [web-1.1.0.tgz]}\n"
                            : archive;
        if (request.path == "/charts/gone/index.yaml") response.status = 404;
        return response;
      }).value();
  TestRepository repo;
  repo.options.fetch = true;
  repo.WriteUnit("web");
  repo.Write("apps/web/release.yaml",
             absl::StrCat(kRelease,
                          "  chart: {spec: {chart: web, version: ^1, sourceRef: {kind: "
                          "HelmRepository, name: r}}}\n"));
  const auto repository = [&](const std::string& path) {
    return absl::StrCat(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: r, "
        "namespace: web}\nspec: {interval: 1h, url: 'http://127.0.0.1:",
        server->port(), path, "'}\n");
  };
  repo.Write("apps/web/repository.yaml", repository("/charts"));
  repo.Commit();
  for (int round = 0; round < 2; ++round) {
    CHECK(absl::StrContains(FormatText(repo.TestLast(), {}),
                            "PASS HelmRelease/web/web ConfigMap/web/fetched"));
    CHECK(requests == 2);  // the index and the archive
  }
  repo.Write("apps/web/repository.yaml", repository("/charts/gone"));
  repo.Commit();
  CHECK(FindingsOf(repo.TestLast(), Level::kWarning) == "SLP201 HelmRelease/web/web");
}

TEST_CASE("registries of charts get the logins of this machine's user", "[plan]") {
  oci_testing::Registry registry({.access = oci_testing::RegistryOptions::Access::kBasic,
                                  .username = "me",
                                  .password = "secret"});
  registry.AddArtifact("charts/web", "1.1.0", "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                       FetchedChart());
  TestRepository repo;
  repo.options.fetch = true;
  repo.WriteUnit("web");
  repo.Write("apps/web/release.yaml",
             absl::StrCat(kRelease,
                          "  chart: {spec: {chart: web, version: ^1, sourceRef: {kind: "
                          "HelmRepository, name: r}}}\n"));
  repo.Write("apps/web/repository.yaml",
             absl::StrCat("apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\n"
                          "metadata: {name: r, namespace: web}\nspec: {type: oci, url: 'oci://",
                          registry.host(), "/charts'}\n"));
  repo.Commit();
  CHECK(FindingsOf(repo.TestLast(), Level::kWarning) == "SLP201 HelmRelease/web/web");

  const std::string folder = repo.options.cache_folder + "/docker";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/config.json")
      << R"({"auths": {")" << registry.host() << R"(": {"username": "me", "password": "secret"}}})";
  const Variable variable("DOCKER_CONFIG", folder);
  CHECK(absl::StrContains(FormatText(repo.TestLast(), {}),
                          "PASS HelmRelease/web/web ConfigMap/web/fetched"));
}

TEST_CASE("secrets open with local keys, and neither output nor cache holds them", "[plan]") {
  const std::string encrypted = ReadFile("tests/e2e/testdata/sops/secret.yaml");
  TestRepository repo;
  repo.WriteUnit("web", "{decryption: {provider: sops}}");
  repo.Write("apps/web/secret.yaml", encrypted);
  repo.Write("apps/web/plain.yaml",
             "apiVersion: v1\nkind: Secret\nmetadata: {name: plain}\nstringData: {k: visible-1}\n");
  repo.Commit();
  repo.Write("apps/web/kustomization.yaml",
             "namePrefix: p-\nresources: [secret.yaml, plain.yaml]\n");
  repo.Write("apps/web/plain.yaml",
             "apiVersion: v1\nkind: Secret\nmetadata: {name: plain}\nstringData: {k: visible-2}\n");
  repo.Commit();
  const Variable none("SOPS_AGE_KEY_FILE", repo.Scratch("none"));
  CHECK(absl::StrContains(FindingsOf(repo.PlanLast(), Level::kNote), "SLP203 Secret/p-resource"));

  const Variable key("SOPS_AGE_KEY", ReadFile("tests/e2e/testdata/sops/age.agekey"));
  const Report report = repo.PlanLast();
  CHECK_FALSE(absl::StrContains(FindingsOf(report, Level::kNote), "SLP203"));
  CHECK(absl::StrContains(ChangesOf(report), "create Secret/p-resource"));
  for (const std::string& text :
       {FormatText(report, {.verbose = true}), FormatJson(report), FormatMarkdown(report),
        FormatHtml(report), FormatJunit(report), FormatSarif(report)}) {
    CHECK_FALSE(absl::StrContains(text, "visible-"));
  }
  for (const auto& file :
       std::filesystem::directory_iterator(repo.options.cache_folder + "/plan")) {
    const std::string bytes = ReadFile(file.path().string());
    CHECK(absl::StrContains(bytes, "ENC[AES256_GCM"));  // of the run without a key
    CHECK_FALSE(absl::StrContains(bytes, "hunter2"));
  }
}

TEST_CASE("what a decrypted variable went into is neither printed nor kept", "[plan]") {
  const Variable key("SOPS_AGE_KEY", ReadFile("tests/e2e/testdata/sops/age.agekey"));
  TestRepository repo;
  repo.WriteUnit("secrets", "{decryption: {provider: sops}, targetNamespace: flux-system}");
  repo.Write("apps/secrets/secret.yaml", ReadFile("tests/e2e/testdata/sops/secret.yaml"));
  repo.WriteUnit("uses", "{postBuild: {substituteFrom: [{kind: Secret, name: resource}]}}");
  const auto settings = [](const std::string& text) {
    return absl::StrCat(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: web}\n"
        "data: {v: '",
        text, "'}\n");
  };
  repo.Write("apps/uses/c.yaml", settings("one ${password}"));
  repo.Commit();
  repo.Write("apps/uses/c.yaml", settings("two ${password}"));
  repo.Commit();
  const Report report = repo.PlanLast();
  REQUIRE(report.changes.size() == 1);
  REQUIRE(report.changes[0].fields.size() == 1);
  CHECK(report.changes[0].fields[0] == FieldChange{"data.v", "one ***", "two ***"});
  for (const auto& file :
       std::filesystem::directory_iterator(repo.options.cache_folder + "/plan")) {
    CHECK_FALSE(absl::StrContains(ReadFile(file.path().string()), "hunter2"));
  }
}

TEST_CASE("a Secret's change is told without its values", "[plan]") {
  TestRepository repo;
  repo.WriteUnit("web");
  const auto secret = [](const std::string& value) {
    return absl::StrCat(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: web, annotations: {a: ",
        value == "before-it" ? "1" : "2",
        ", kubectl.kubernetes.io/last-applied-configuration: 'k: ", value,
        "'}}\nstringData: {k: ", value, "}\n");
  };
  repo.Write("apps/web/s.yaml", secret("before-it"));
  repo.Commit();
  repo.Write("apps/web/s.yaml", secret("after-it"));
  repo.Commit();
  const Report report = repo.PlanLast();
  REQUIRE(report.changes.size() == 1);
  REQUIRE(report.changes[0].fields.size() == 3);
  CHECK(report.changes[0].fields[0] == FieldChange{"metadata.annotations.a", "1", "2"});
  CHECK(report.changes[0].fields[1].before.str() == "*** (before)");
  CHECK(report.changes[0].fields[1].after.str() == "*** (after)");
  CHECK(report.changes[0].fields[2] == FieldChange{"stringData.k", "*** (before)", "*** (after)"});
}

}  // namespace
}  // namespace sluice::plan
