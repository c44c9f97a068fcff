// HelmCharts from OCI registries, and their signatures.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "common/testing/status_matchers.h"
#include "tests/sources/helm_chart_fixture.h"
#include "tests/sources/registry_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;

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
