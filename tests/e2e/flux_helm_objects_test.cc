// HelmRepositories, HelmCharts and their Secrets as `flux create` prints them, and every way to
// authenticate at Helm repositories and registries, granted and refused.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/crypto_testing/certificates.h"
#include "common/helm/package.h"
#include "common/oci_testing/registry.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/flux_objects.h"

namespace sluice::e2e {
namespace {

constexpr char kChartLayer[] = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

std::string Chart() {
  helm::Metadata metadata;
  metadata.name = "web";
  metadata.version = "1.0.0";
  metadata.api_version = "v2";
  return helm::Package(metadata, {{"values.yaml", "a: 1\n"}}, absl::UnixEpoch()).value();
}

bool HasBasic(const http::ServerRequest& request, absl::string_view login) {
  return request.headers.Get("Authorization") == absl::StrCat("Basic ", absl::Base64Escape(login));
}

// A Helm repository below any path, whose charts are at `charts`, "" for beside the index.
http::Handler HelmRepository(std::string charts, bool basic) {
  return [=](const Context&, const http::ServerRequest& request) {
    if (basic && !HasBasic(request, "ada:pw")) return http::ServerResponse{.status = 401};
    if (!request.peer.common_name.empty() && request.peer.common_name != "ada") {
      return http::ServerResponse{.status = 403};
    }
    if (absl::EndsWith(request.path, "/index.yaml")) {
      return http::ServerResponse{
          .body = absl::StrCat("apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, "
                               "urls: ['",
                               charts, "web-1.0.0.tgz']}\n")};
    }
    return http::ServerResponse{.body = Chart()};
  };
}

TEST_CASE("HelmRepositories, HelmCharts and their Secrets as Flux exports them", "[e2e][flux]") {
  FluxObjects objects;
  const auto [authority, server_certificate, client] =
      crypto_testing::IssueCertificates({.user = "ada"});
  const auto open = Start(HelmRepository("", false));
  const auto basic = Start(HelmRepository("", true));
  // Where the index asks for nothing, but the charts, on another host, do.
  const auto charts = Start(HelmRepository("", true));
  const auto elsewhere = Start(HelmRepository(UrlOf(*charts) + "/", true));
  const auto tls = Start(
      [inner = HelmRepository("", false)](const Context& ctx, const http::ServerRequest& request) {
        if (request.peer.common_name != "ada") return http::ServerResponse{.status = 403};
        return inner(ctx, request);
      },
      {.certificate_pem = server_certificate.certificate_pem,
       .private_key_pem = server_certificate.private_key_pem,
       .client_ca_pem = authority.certificate_pem});
  oci_testing::Registry registry({.access = oci_testing::RegistryOptions::Access::kBasic,
                                  .username = "flux",
                                  .password = "ghp"});
  registry.AddArtifact("charts/web", "1.0.0", kChartLayer, Chart());

  const auto indented = [](absl::string_view pem) {
    return absl::StrReplaceAll(pem, {{"\n", "\n    "}});
  };
  objects.Apply(R"(---
apiVersion: v1
kind: Secret
metadata:
  name: repo-auth
  namespace: NAMESPACE
stringData:
  password: pw
  username: ada

---
apiVersion: v1
kind: Secret
metadata:
  name: repo-wrong
  namespace: NAMESPACE
stringData:
  password: hunter2
  username: ada

---
apiVersion: v1
kind: Secret
metadata:
  name: repo-tls
  namespace: NAMESPACE
stringData:
  ca.crt: |
    CACRT
  tls.crt: |
    TLSCRT
  tls.key: |
    TLSKEY
type: kubernetes.io/tls

---
apiVersion: v1
kind: Secret
metadata:
  name: repo-ca
  namespace: NAMESPACE
stringData:
  ca.crt: |
    CACRT

---
apiVersion: v1
kind: Secret
metadata:
  name: registry-auth
  namespace: NAMESPACE
stringData:
  .dockerconfigjson: '{"auths":{"REGISTRY":{"username":"flux","password":"ghp","auth":"REGAUTH"}}}'
type: kubernetes.io/dockerconfigjson
)",
                {{"CACRT", indented(authority.certificate_pem)},
                 {"TLSCRT", indented(client.certificate_pem)},
                 {"TLSKEY", indented(client.private_key_pem.Reveal())},
                 {"REGISTRY", registry.host()},
                 {"REGAUTH", absl::Base64Escape("flux:ghp")}});
  const auto add = [&](const std::string& name, const std::string& url, const std::string& more) {
    objects.Apply(absl::StrCat(R"(---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: )",
                               name, R"(
  namespace: NAMESPACE
spec:
  interval: 1m0s
)",
                               more, "  url: ", url, R"(

---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata:
  name: )",
                               name, R"(
  namespace: NAMESPACE
spec:
  chart: web
  interval: 1m0s
  reconcileStrategy: ChartVersion
  sourceRef:
    kind: HelmRepository
    name: )",
                               name, "\n  version: '>=1.0.0'\n"));
  };
  const std::string login = "  secretRef:\n    name: repo-auth\n";
  add("open", UrlOf(*open), "");
  add("basic", UrlOf(*basic) + "/stable", login);
  add("basic-none", UrlOf(*basic), "");
  add("basic-wrong", UrlOf(*basic), "  secretRef:\n    name: repo-wrong\n");
  add("basic-absent", UrlOf(*basic), "  secretRef:\n    name: nowhere\n");
  add("passed", UrlOf(*elsewhere), "  passCredentials: true\n" + login);
  add("not-passed", UrlOf(*elsewhere), login);
  add("tls", UrlOf(*tls, "https"), "  certSecretRef:\n    name: repo-tls\n");
  add("tls-no-client", UrlOf(*tls, "https"), "  certSecretRef:\n    name: repo-ca\n");
  add("tls-no-authority", UrlOf(*tls, "https"), "");
  const std::string oci = absl::StrCat("oci://", registry.host(), "/charts");
  add("oci", oci, "  insecure: true\n  secretRef:\n    name: registry-auth\n  type: oci\n");
  add("oci-none", oci, "  insecure: true\n  type: oci\n");

  for (const char* name : {"open", "basic", "passed", "not-passed", "tls"}) {
    objects.ExpectReady("HelmRepository", name);
  }
  objects.ExpectRefused("HelmRepository", "basic-none", "401 Unauthorized");
  objects.ExpectRefused("HelmRepository", "basic-wrong", "401 Unauthorized");
  objects.ExpectRefused("HelmRepository", "basic-absent", "not found");
  objects.ExpectRefused("HelmRepository", "tls-no-client", "403 Forbidden");
  objects.ExpectRefused("HelmRepository", "tls-no-authority", "failed to verify certificate");
  for (const char* name : {"open", "basic", "passed", "tls", "oci"}) {
    objects.ExpectReady("HelmChart", name);
  }
  objects.ExpectRefused("HelmChart", "not-passed", "401 Unauthorized");
  objects.ExpectRefused("HelmChart", "oci-none", "authentication required");
  CHECK_FALSE(absl::StrContains(objects.cluster().Describe(), "hunter2"));
  CHECK(objects.cluster().Casualties() == "");
}

}  // namespace
}  // namespace sluice::e2e
