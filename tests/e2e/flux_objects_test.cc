// Sources and Secrets as Flux's own command line prints them (`flux create source … --export`,
// `flux create secret … --export`, Flux 2.9), word for word: they reconcile here unchanged. Every
// way to authenticate at Helm repositories, registries and buckets is among them, granted and
// refused; those of Git have their own file.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/clock.h"
#include "common/crypto/digest.h"
#include "common/crypto/x509.h"
#include "common/git_testing/git_server.h"
#include "common/helm/package.h"
#include "common/http/server.h"
#include "common/oci_testing/registry.h"
#include "common/testing/status_matchers.h"
#include "common/value/yaml.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);
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

// A bucket with a manifest and a chart in it; `allows` decides.
http::Handler Bucket(std::function<bool(const http::ServerRequest&)> allows) {
  return [allows](const Context&, const http::ServerRequest& request) {
    if (!allows(request)) {
      return http::ServerResponse{.status = 403,
                                  .body = "<Error><Message>Access Denied.</Message></Error>"};
    }
    const std::map<std::string, std::string> objects = {
        {"/data/app/config.yaml", "a: 1\n"},
        {"/data/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"}};
    if (request.path == "/data/") {
      std::string list = "<?xml version=\"1.0\"?><ListBucketResult>";
      for (const auto& [path, content] : objects) {
        absl::StrAppend(&list, "<Contents><Key>", path.substr(6), "</Key><ETag>&quot;",
                        crypto::Sha256Hex(content).substr(0, 8), "&quot;</ETag></Contents>");
      }
      return http::ServerResponse{.body = list + "</ListBucketResult>"};
    }
    const auto object = objects.find(request.path);
    if (object == objects.end()) return http::ServerResponse{.status = 404};
    http::ServerResponse response{.body = object->second};
    response.headers.Set("ETag",
                         absl::StrCat("\"", crypto::Sha256Hex(object->second).substr(0, 8), "\""));
    return response;
  };
}

std::unique_ptr<http::Server> Start(http::Handler handler, http::ServerOptions options = {}) {
  options.address = "127.0.0.1:0";
  return http::Server::Start(std::move(options), std::move(handler)).value();
}

std::string UrlOf(const http::Server& server, const char* scheme = "http") {
  return absl::StrCat(scheme, "://127.0.0.1:", server.port());
}

class FluxObjects {
 public:
  explicit FluxObjects(ClusterOptions options = {}) {
    options.controllers = {"source-controller"};
    auto started = Cluster::Start(options);
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
  }
  Cluster& cluster() { return *cluster_; }

  // Documents as printed, with words in capitals replaced.
  void Apply(const std::string& text, const std::map<std::string, std::string>& words = {}) {
    std::string filled = absl::StrReplaceAll(text, {{"NAMESPACE", cluster_->ns()}});
    for (const auto& [word, value] : words) {
      filled = absl::StrReplaceAll(filled, {{word, value}});
    }
    auto documents = value::ParseYamlStream(filled);
    INFO(filled);
    REQUIRE(documents.ok());
    for (value::YamlDocument& parsed : *documents) {
      Value& document = parsed.value;
      if (!document["spec"].is_null()) {
        applied_[absl::StrCat(document["kind"].str(), "/", document["metadata"]["name"].str())] =
            document;
      }
      REQUIRE_THAT(cluster_->Apply(std::move(document)), IsOk());
    }
  }

  // Ready, and its spec is what was applied.
  void ExpectReady(const std::string& kind, const std::string& name) {
    CAPTURE(kind, name);
    std::optional<Value> object;
    const bool ready = Eventually(kLimit, [&] {
      object = cluster_->Get(kSourceApi, kind, name);
      return ReadyMessage(object, "True").has_value();
    });
    if (!ready) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(ready);
    for (const auto& [field, value] :
         applied_.at(absl::StrCat(kind, "/", name))["spec"].members()) {
      CAPTURE(field);
      CHECK((*object)["spec"][field] == value);
    }
    CHECK(absl::StartsWith((*object)["status"]["artifact"]["url"].str(), "http://"));
  }
  void ExpectRefused(const std::string& kind, const std::string& name, const std::string& text) {
    CAPTURE(kind, name, text);
    std::string last;
    const bool refused = Eventually(kLimit, [&] {
      last = ReadyMessage(cluster_->Get(kSourceApi, kind, name), "False").value_or("");
      return absl::StrContains(last, text) && !last.empty();
    });
    CAPTURE(last);
    if (!refused) UNSCOPED_INFO(cluster_->Describe());
    CHECK(refused);
  }

 private:
  std::unique_ptr<Cluster> cluster_;
  std::map<std::string, Value> applied_;
};

TEST_CASE("GitRepositories and their Secrets as Flux exports them", "[e2e][flux]") {
  FluxObjects objects;
  Cluster& cluster = objects.cluster();
  auto repository = GitRepository::Create(cluster.git_root() + "/podinfo");
  REQUIRE(repository.ok());
  repository->Write("kustomize/config.yaml", "a: 1\n");
  repository->Write("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
  REQUIRE_THAT(repository->Commit("first").status(), IsOk());
  REQUIRE_THAT(repository->Git({"tag", "6.5.1"}).status(), IsOk());
  const git_testing::GitServer basic(cluster.git_root(),
                                     {.username = "git", .password = Secret("pat")});
  const git_testing::GitServer bearer(cluster.git_root(), {.bearer_token = Secret("token")});
  // flux create secret git podinfo-auth --url=… --username=git --password=pat
  // flux create source git podinfo --url=… --branch=main --secret-ref=podinfo-auth
  objects.Apply(R"(---
apiVersion: v1
kind: Secret
metadata:
  name: podinfo-auth
  namespace: NAMESPACE
stringData:
  password: pat
  username: git

---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: podinfo
  namespace: NAMESPACE
spec:
  interval: 1m0s
  ref:
    branch: main
  secretRef:
    name: podinfo-auth
  url: BASIC

---
apiVersion: v1
kind: Secret
metadata:
  name: bearer-auth
  namespace: NAMESPACE
stringData:
  bearerToken: token

---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  labels:
    app: podinfo
  name: podinfo-bearer
  namespace: NAMESPACE
spec:
  ignore: |-
    /*
    !/kustomize/
  interval: 10m0s
  ref:
    semver: '>=6.0.0 <7.0.0'
  secretRef:
    name: bearer-auth
  timeout: 30s
  url: BEARER

---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: podinfo-tag
  namespace: NAMESPACE
spec:
  interval: 1m0s
  recurseSubmodules: true
  ref:
    tag: 6.5.1
  sparseCheckout:
  - kustomize
  url: OPEN

---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: podinfo-no-secret
  namespace: NAMESPACE
spec:
  interval: 1m0s
  ref:
    branch: main
  url: BASIC

---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata:
  name: web-git
  namespace: NAMESPACE
spec:
  chart: ./web
  interval: 1m0s
  reconcileStrategy: Revision
  sourceRef:
    kind: GitRepository
    name: podinfo
)",
                {{"BASIC", basic.Url("podinfo")},
                 {"BEARER", bearer.Url("podinfo")},
                 {"OPEN", cluster.git_url() + "/podinfo"}});
  for (const char* name : {"podinfo", "podinfo-bearer", "podinfo-tag"}) {
    objects.ExpectReady("GitRepository", name);
  }
  objects.ExpectRefused("GitRepository", "podinfo-no-secret", "authentication required");
  objects.ExpectReady("HelmChart", "web-git");
  CHECK(cluster.Casualties() == "");
}

TEST_CASE("HelmRepositories, HelmCharts and their Secrets as Flux exports them", "[e2e][flux]") {
  FluxObjects objects;
  const absl::Time now = RealClock().Now();
  const auto authority =
      crypto::CreateAuthority("test", now - absl::Hours(1), now + absl::Hours(1)).value();
  const auto issue = [&](const std::string& name, bool server) {
    return crypto::IssueCertificate(authority, {.common_name = name,
                                                .organizations = {},
                                                .dns_names = {"localhost"},
                                                .ip_addresses = {"127.0.0.1"},
                                                .server = server,
                                                .client = !server,
                                                .not_before = now - absl::Hours(1),
                                                .not_after = now + absl::Hours(1)})
        .value();
  };
  const auto server_certificate = issue("server", true);
  const auto client = issue("ada", false);
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

TEST_CASE("Buckets and their Secrets as Flux exports them", "[e2e][flux]") {
  FluxObjects objects;
  const auto open = Start(Bucket(
      [](const http::ServerRequest& request) { return !request.headers.Has("Authorization"); }));
  const auto keys = Start(Bucket([](const http::ServerRequest& request) {
    return absl::StartsWith(request.headers.Get("Authorization"),
                            "AWS4-HMAC-SHA256 Credential=AKID/");
  }));
  const auto session = Start(Bucket([](const http::ServerRequest& request) {
    return request.headers.Get("X-Amz-Security-Token") == "SESSION";
  }));
  const auto sts = Start([](const Context&, const http::ServerRequest& request) {
    if (!absl::StrContains(request.body, "LDAPUsername=ada&LDAPPassword=pw")) {
      return http::ServerResponse{
          .status = 403,
          .body = "<ErrorResponse><Error><Message>bad login</Message></Error></ErrorResponse>"};
    }
    return http::ServerResponse{
        .body =
            "<AssumeRoleWithLDAPIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/\">"
            "<AssumeRoleWithLDAPIdentityResult><Credentials><AccessKeyId>TEMP</AccessKeyId>"
            "<SecretAccessKey>S</SecretAccessKey><SessionToken>SESSION</SessionToken>"
            "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            "</AssumeRoleWithLDAPIdentityResult></AssumeRoleWithLDAPIdentityResponse>"};
  });
  // flux create source bucket … --access-key=… --secret-key=… makes the Secret.
  objects.Apply(R"(---
apiVersion: v1
kind: Secret
metadata:
  name: bucket-keys
  namespace: NAMESPACE
stringData:
  accesskey: AKID
  secretkey: SECRET

---
apiVersion: v1
kind: Secret
metadata:
  name: bucket-wrong
  namespace: NAMESPACE
stringData:
  accesskey: OTHER
  secretkey: hunter2

---
apiVersion: v1
kind: Secret
metadata:
  name: ldap
  namespace: NAMESPACE
stringData:
  password: pw
  username: ada

---
apiVersion: v1
kind: Secret
metadata:
  name: ldap-wrong
  namespace: NAMESPACE
stringData:
  password: hunter2
  username: ada
)");
  const auto add = [&](const std::string& name, const http::Server& server,
                       const std::string& more) {
    objects.Apply(absl::StrCat(R"(---
apiVersion: source.toolkit.fluxcd.io/v1
kind: Bucket
metadata:
  name: )",
                               name, R"(
  namespace: NAMESPACE
spec:
  bucketName: data
  endpoint: 127.0.0.1:)",
                               server.port(), R"(
  insecure: true
  interval: 1m0s
  provider: generic
)",
                               more));
  };
  const auto secret = [](const char* name) {
    return absl::StrCat("  secretRef:\n    name: ", name, "\n");
  };
  const auto exchange = [&](const char* name) {
    return absl::StrCat("  sts:\n    endpoint: ", UrlOf(*sts),
                        "\n    provider: ldap\n    secretRef:\n      name: ", name, "\n");
  };
  add("open", *open, "");
  add("open-with-keys", *open, secret("bucket-keys"));
  add("keys", *keys, secret("bucket-keys") + "  region: eu-west-1\n");
  add("keys-wrong", *keys, secret("bucket-wrong"));
  add("keys-none", *keys, "");
  add("keys-absent", *keys, secret("nowhere"));
  add("sts", *session, exchange("ldap"));
  add("sts-wrong", *session, exchange("ldap-wrong"));
  objects.Apply(R"(---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata:
  name: web-bucket
  namespace: NAMESPACE
spec:
  chart: web
  interval: 1m0s
  reconcileStrategy: ChartVersion
  sourceRef:
    kind: Bucket
    name: keys
)");
  for (const char* name : {"open", "keys", "sts"}) objects.ExpectReady("Bucket", name);
  for (const char* name : {"open-with-keys", "keys-wrong", "keys-none"}) {
    objects.ExpectRefused("Bucket", name, "403 Forbidden");
  }
  objects.ExpectRefused("Bucket", "keys-absent", "not found");
  objects.ExpectRefused("Bucket", "sts-wrong", "bad login");
  objects.ExpectReady("HelmChart", "web-bucket");
  CHECK_FALSE(absl::StrContains(objects.cluster().Describe(), "hunter2"));
  CHECK_FALSE(absl::StrContains(objects.cluster().Describe(), "SECRET"));
  CHECK(objects.cluster().Casualties() == "");
}

}  // namespace
}  // namespace sluice::e2e
