// OCIRepositories against a registry in the process.

// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "common/crypto/x509.h"
#include "common/http/body.h"
#include "common/http/raw_peer.h"
#include "common/testing/status_matchers.h"
#include "services/source-controller/oci_repository/artifact_tag.h"
#include "tests/sources/registry_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;
using Access = oci_testing::RegistryOptions::Access;

constexpr char kIndexType[] = "application/vnd.oci.image.index.v1+json";
constexpr char kManifestType[] = "application/vnd.oci.image.manifest.v1+json";
constexpr char kChartType[] = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

std::string UrlOf(const oci_testing::Registry& registry) {
  return absl::StrCat("oci://", registry.host(), "/org/app");
}

// A manifest of these layers, types to bytes, with annotations.
std::string AddManifest(oci_testing::Registry& registry, const std::string& tag,
                        const std::vector<std::pair<std::string, std::string>>& layers,
                        const Value& annotations = Value::EmptyObject()) {
  Value::Array list;
  for (const auto& [type, bytes] : layers) {
    list.push_back({{"mediaType", type},
                    {"digest", registry.AddBlob("org/app", bytes)},
                    {"size", static_cast<int64_t>(bytes.size())}});
  }
  const Value manifest = {{"schemaVersion", 2},
                          {"mediaType", kManifestType},
                          {"config",
                           {{"mediaType", "application/x"},
                            {"digest", registry.AddBlob("org/app", "{}")},
                            {"size", 2}}},
                          {"layers", Value(std::move(list))},
                          {"annotations", annotations}};
  return registry.AddManifest("org/app", tag, kManifestType, value::FormatJson(manifest));
}

bool HasEvent(OciRepositories& repositories, absl::string_view wanted) {
  const auto events = repositories.Events("o");
  CAPTURE(events, wanted);
  return std::any_of(events.begin(), events.end(),
                     [&](const std::string& event) { return event == wanted; });
}

TEST_CASE("the first layer of an OCI artifact becomes the artifact", "[oci_repository]") {
  for (const std::string version : {"v1", "v1beta2"}) {
    CAPTURE(version);
    oci_testing::Registry registry;
    const std::string digest = AddManifest(
        registry, "latest",
        {{kFluxLayer,
          TarGz({{"app/a.yaml", "a: 1\n"}, {"b.yaml", "b: 1\n"}, {"picture.jpg", "x"}})}},
        {{"org.opencontainers.image.source", "https://git.example.com/app"},
         {"org.opencontainers.image.revision", "main@sha1:1234"}});
    OciRepositories repositories;
    repositories.Add(UrlOf(registry), "", version);
    REQUIRE_THAT(repositories.Run().status(), IsOk());

    const Value object = repositories.Live();
    const std::string revision = absl::StrCat("latest@", digest);
    const std::string stored =
        absl::StrCat("True Succeeded: stored artifact for digest '", revision, "'");
    CHECK(repositories.Condition("Ready") == "Ready=" + stored);
    CHECK(repositories.Condition("ArtifactInStorage") == "ArtifactInStorage=" + stored);
    CHECK(object["status"]["conditions"].size() == 2);
    CHECK(object["status"]["observedGeneration"].int_or(0) == 1);
    CHECK(repositories.Revision() == revision);
    CHECK(object["status"]["artifact"]["path"].str() ==
          absl::StrCat("ocirepository/default/o/", digest, ".tar.gz"));
    CHECK(object["status"]["artifact"]["metadata"]["org.opencontainers.image.revision"].str() ==
          "main@sha1:1234");
    CHECK(object["status"]["url"].str() == "http://source/ocirepository/default/o/latest.tar.gz");
    const std::map<std::string, std::string> expected = {{"app/a.yaml", "a: 1\n"},
                                                         {"b.yaml", "b: 1\n"}};
    CHECK(repositories.Files() == expected);
    CHECK(HasEvent(repositories,
                   absl::StrCat("Normal NewArtifact stored artifact with revision '", revision,
                                "' from '", UrlOf(registry),
                                "', origin source 'https://git.example.com/app', origin revision "
                                "'main@sha1:1234'")));
  }
}

TEST_CASE("an artifact that is stored is not pulled again", "[oci_repository]") {
  oci_testing::Registry registry;
  AddManifest(registry, "v1", {{kFluxLayer, TarGz({{"a", "1"}})}});
  OciRepositories repositories;
  repositories.Add(UrlOf(registry), ", ref: {tag: v1}");
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  const Value artifact = repositories.Live()["status"]["artifact"];
  const int blobs = registry.CountOf("/blobs/");
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(registry.CountOf("/blobs/") == blobs);
  CHECK(repositories.Live()["status"]["artifact"] == artifact);
  CHECK(HasEvent(repositories,
                 absl::StrCat("Normal ArtifactUpToDate artifact up-to-date with remote revision: '",
                              artifact["revision"].str(), "'")));

  // What makes it another one: the tag's content, ignore rules, the selector.
  const std::string digest = AddManifest(registry, "v1", {{kFluxLayer, TarGz({{"a", "2"}})}});
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Revision() == absl::StrCat("v1@", digest));
  CHECK(repositories.Files()["a"] == "2");
  for (const char* more :
       {", ignore: 'a'", ", ignore: ''", "", ", layerSelector: {operation: extract}",
        ", layerSelector: {operation: copy}", ", layerSelector: {}"}) {
    CAPTURE(more);
    const int before = registry.CountOf("/blobs/");
    repositories.Add(UrlOf(registry), absl::StrCat(", ref: {tag: v1}", more));
    REQUIRE_THAT(repositories.Run().status(), IsOk());
    CHECK(registry.CountOf("/blobs/") == before + 1);
    REQUIRE_THAT(repositories.Run().status(), IsOk());
    CHECK(registry.CountOf("/blobs/") == before + 1);
    CHECK(repositories.Revision() == absl::StrCat("v1@", digest));
  }
}

TEST_CASE("ignore rules are those of Git artifacts, and do not touch copies", "[oci_repository]") {
  oci_testing::Registry registry;
  const std::string layer = TarGz({{".sourceignore", "secret/\n"},
                                   {"a.txt", "a"},
                                   {"a.jpg", "a"},
                                   {"secret/x", "x"},
                                   {"secret/y", "y"}});
  AddManifest(registry, "latest", {{kFluxLayer, layer}});
  OciRepositories repositories;
  repositories.Add(UrlOf(registry), ", ignore: '!secret/y'");
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Files().size() == 4);
  CHECK_FALSE(repositories.Files().contains("secret/x"));
  CHECK(repositories.Live()["status"]["observedIgnore"].str() == "!secret/y");
  repositories.Add(UrlOf(registry), ", ignore: 'a.txt', layerSelector: {operation: copy}");
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Stored() == layer);
  const Value status = repositories.Live()["status"];
  CHECK(status["artifact"]["digest"].str() == "sha256:" + crypto::Sha256Hex(layer));
  CHECK(status["observedLayerSelector"]["operation"].str() == "copy");
}

TEST_CASE("a layer is chosen by its type", "[oci_repository]") {
  oci_testing::Registry registry;
  AddManifest(registry, "latest",
              {{"text/plain", "text"}, {kFluxLayer, TarGz({{"a", "1"}})}, {kFluxLayer, "none"}});
  AddManifest(registry, "empty", {});
  struct Row {
    const char* more;
    const char* refusal;
  };
  const Row rows[] = {
      {", layerSelector: {mediaType: application/vnd.cncf.flux.content.v1.tar+gzip}", nullptr},
      {", layerSelector: {operation: copy}", nullptr},
      {", layerSelector: {mediaType: application/other}",
       "failed to find layer with media type 'application/other' in artifact"},
      {"", "failed to extract layer contents from artifact: requires gzip-compressed body"},
      {", ref: {tag: empty}", "no layers found in artifact"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.more);
    OciRepositories repositories;
    repositories.Add(UrlOf(registry), row.more);
    if (row.refusal == nullptr) {
      REQUIRE_THAT(repositories.Run().status(), IsOk());
      continue;
    }
    CHECK_FALSE(repositories.Run().ok());
    CHECK(absl::StartsWith(
        repositories.Condition("FetchFailed"),
        absl::StrCat("FetchFailed=True OCIArtifactLayerOperationFailed: ", row.refusal)));
    CHECK(absl::StartsWith(repositories.Condition("Ready"),
                           "Ready=False OCIArtifactLayerOperationFailed"));
    CHECK(repositories.Live()["status"]["observedGeneration"].int_or(0) == -1);
  }
}

TEST_CASE("an artifact is named by digest, range or tag", "[oci_repository]") {
  oci_testing::Registry registry;
  std::map<std::string, std::string> digests;
  for (const char* tag : {"6.1.4", "6.1.5", "6.1.6-rc.1", "latest", "6.2.1_ref.1234567"}) {
    digests[tag] = AddManifest(registry, tag, {{kChartType, TarGz({{"tag", tag}})}});
  }
  const std::string by_digest =
      absl::StrCat(", ref: {tag: none, semver: none, digest: '", digests["6.1.4"], "'}");
  struct Row {
    std::string more;
    std::string revision;
  };
  const auto revision = [&](const std::string& tag) {
    return absl::StrCat(tag, "@", digests[tag]);
  };
  const Row rows[] = {
      {"", revision("latest")},
      {", ref: {tag: 6.1.4}", revision("6.1.4")},
      {", ref: {tag: latest, semver: 6.1.x}", revision("6.1.5")},
      {", ref: {semver: '>= 6.1.x-0', semverFilter: '.*-rc.*'}", revision("6.1.6-rc.1")},
      {by_digest, digests["6.1.4"]},
      {", ref: {semver: '*'}, layerSelector: {mediaType: "
       "application/vnd.cncf.helm.chart.content.v1.tar+gzip, operation: copy}",
       revision("6.2.1_ref.1234567")},
  };
  for (const Row& row : rows) {
    CAPTURE(row.more);
    OciRepositories repositories;
    repositories.Add(UrlOf(registry), row.more);
    REQUIRE_THAT(repositories.Run().status(), IsOk());
    CHECK(repositories.Revision() == row.revision);
  }
}

TEST_CASE("references that lead nowhere are told as in Flux", "[oci_repository]") {
  oci_testing::Registry registry;
  AddManifest(registry, "1.0.0", {{kFluxLayer, TarGz({{"a", "1"}})}});
  struct Row {
    std::string url;
    std::string more;
    const char* condition;
    bool stalled;
  };
  const std::string url = UrlOf(registry);
  const Row rows[] = {
      {url, ", ref: {tag: none}",
       "OCIArtifactPullFailed: failed to determine artifact digest: GET ", false},
      {url, ", ref: {digest: invalid}",
       "OCIArtifactPullFailed: failed to determine artifact digest: ", false},
      {url, absl::StrCat(", ref: {digest: 'sha256:", std::string(64, '0'), "'}"),
       "OCIArtifactPullFailed: failed to pull artifact from '", false},
      {url, ", ref: {semver: '>2'}",
       "ReadOperationFailed: failed to determine the artifact tag for '", false},
      {url, ", ref: {semver: '*', semverFilter: '['}",
       "ReadOperationFailed: failed to determine the artifact tag for '", false},
      {url + "/none", ", ref: {semver: '*'}",
       "ReadOperationFailed: failed to determine the artifact tag for '", false},
      {url + ":v1", "", "URLInvalid: URL validation failed for '", true},
      {"oci://", "", "URLInvalid: URL validation failed for '", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url, row.more);
    OciRepositories repositories;
    repositories.Add(row.url, row.more);
    CHECK(repositories.Run().ok() == row.stalled);
    CHECK(absl::StartsWith(repositories.Condition("FetchFailed"),
                           absl::StrCat("FetchFailed=True ", row.condition)));
    CHECK(repositories.Condition("Stalled").empty() != row.stalled);
  }
}

TEST_CASE("an artifact that cannot be reached any more stays", "[oci_repository]") {
  oci_testing::Registry registry;
  AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
  OciRepositories repositories;
  repositories.Add(UrlOf(registry));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  const Value artifact = repositories.Live()["status"]["artifact"];
  AddManifest(registry, "latest", {{kFluxLayer, "no archive"}});
  CHECK_FALSE(repositories.Run().ok());
  CHECK(repositories.Live()["status"]["artifact"] == artifact);
  CHECK(absl::StartsWith(repositories.Condition("ArtifactOutdated"),
                         "ArtifactOutdated=True NewRevision: new revision 'latest@sha256:"));
  CHECK(absl::EndsWith(repositories.Condition("ArtifactOutdated"),
                       absl::StrCat("' for '", registry.host(), "/org/app:latest'")));
  CHECK(absl::StartsWith(repositories.Condition("Ready"), "Ready=False"));
  AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Condition("FetchFailed").empty());
  CHECK(repositories.Condition("ArtifactOutdated").empty());
}

TEST_CASE("an index leads to the manifest for linux/amd64", "[oci_repository]") {
  oci_testing::Registry registry;
  const std::string other = AddManifest(registry, "arm", {{kFluxLayer, TarGz({{"a", "arm"}})}});
  const std::string ours = AddManifest(registry, "amd", {{kFluxLayer, TarGz({{"a", "amd"}})}});
  const auto entry = [](const std::string& digest, const char* architecture) {
    return Value({{"mediaType", kManifestType},
                  {"digest", digest},
                  {"size", 1},
                  {"platform", {{"os", "linux"}, {"architecture", architecture}}}});
  };
  const std::string digest = registry.AddManifest(
      "org/app", "latest", kIndexType,
      value::FormatJson(Value(
          {{"schemaVersion", 2},
           {"mediaType", kIndexType},
           {"manifests", Value(Value::Array{entry(other, "arm64"), entry(ours, "amd64")})}})));
  OciRepositories repositories;
  repositories.Add(UrlOf(registry));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Files()["a"] == "amd");
  CHECK(repositories.Revision() == absl::StrCat("latest@", digest));
}

TEST_CASE("registries are logged in to with Docker configurations", "[oci_repository]") {
  for (const Access access : {Access::kBasic, Access::kBearer}) {
    oci_testing::RegistryOptions options;
    options.access = access;
    options.username = "user";
    options.password = "pass";
    oci_testing::Registry registry(options);
    AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
    const std::string good = DockerConfig(registry.host(), "user", "pass");
    struct Row {
      std::vector<std::pair<std::string, std::string>> secret;
      const char* more;
      const char* refusal;  // nullptr: ready
    };
    constexpr char kOwn[] = ", secretRef: {name: s}";
    constexpr char kAccount[] = ", serviceAccountName: puller";
    constexpr char kRefused[] = "OCIArtifactPullFailed: failed to determine artifact digest: GET ";
    const Row rows[] = {
        {{{".dockerconfigjson", good}}, kOwn, nullptr},
        {{{".dockerconfigjson", good}}, kAccount, nullptr},
        {{{".dockercfg",
           absl::StrCat(R"({")", registry.host(), R"(":{"username":"user","password":"pass"}})")}},
         kOwn,
         nullptr},
        // Static credentials win over the cloud's, so that no cloud is asked.
        {{{".dockerconfigjson", good}}, ", secretRef: {name: s}, provider: aws", nullptr},
        {{{".dockerconfigjson", DockerConfig(registry.host(), "user", "wrong")}}, kOwn, kRefused},
        {{{".dockerconfigjson", DockerConfig("elsewhere.example.com", "user", "pass")}},
         kOwn,
         kRefused},
        {{{"username", "user"}, {"password", "pass"}}, kOwn, kRefused},
        {{{".dockerconfigjson", good}}, "", kRefused},
        {{{".dockerconfigjson", "{"}},
         kOwn,
         "AuthenticationFailed: failed to get credential: secret 'default/s': "},
    };
    for (const Row& row : rows) {
      CAPTURE(row.more, row.secret);
      OciRepositories repositories;
      repositories.Apply(SecretManifest("s", row.secret));
      repositories.Apply(
          "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: puller, namespace: default}\n"
          "imagePullSecrets: [{name: s}]\n");
      repositories.Add(UrlOf(registry), row.more);
      CHECK(repositories.Run().ok() == (row.refusal == nullptr));
      const std::string failed = repositories.Condition("FetchFailed");
      CHECK_FALSE(absl::StrContains(failed, "pass"));
      if (row.refusal != nullptr) {
        CHECK(absl::StartsWith(failed, absl::StrCat("FetchFailed=True ", row.refusal)));
      }
    }
  }
}

TEST_CASE("secrets that are not there are told as in Flux", "[oci_repository]") {
  oci_testing::Registry registry;
  AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
  struct Row {
    const char* more;
    const char* condition;
  };
  const Row rows[] = {
      {", secretRef: {name: none}", "failed to get credential: "},
      {", serviceAccountName: none", "failed to get credential: "},
      {", proxySecretRef: {name: none}", "failed to get proxy address: "},
      {", certSecretRef: {name: none}", "failed to generate transport for 'oci://"},
      {", certSecretRef: {name: empty}", "failed to generate transport for 'oci://"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.more);
    OciRepositories repositories;
    repositories.Apply(SecretManifest("empty", {}));
    repositories.Add(UrlOf(registry), row.more);
    CHECK_FALSE(repositories.Run().ok());
    CHECK(absl::StartsWith(repositories.Condition("FetchFailed"),
                           absl::StrCat("FetchFailed=True AuthenticationFailed: ", row.condition)));
    if (absl::StartsWith(row.more, ", secretRef")) {
      CHECK(HasEvent(repositories, "Normal AuthenticationFailed auth secret 'none' not found"));
      // The Secret appears, and with it the artifact.
      repositories.Apply(SecretManifest("none", {{".dockerconfigjson", "{}"}}));
      REQUIRE_THAT(repositories.Run().status(), IsOk());
    }
  }
}

struct Certificates {
  crypto::KeyPair authority;
  crypto::KeyPair server;
};

Certificates Issue(const std::vector<std::string>& names) {
  const absl::Time now = absl::Now();
  Certificates result;
  result.authority =
      crypto::CreateAuthority("ca", now - absl::Hours(1), now + absl::Hours(1)).value();
  crypto::CertificateRequest request;
  request.common_name = "registry";
  request.dns_names = names;
  request.ip_addresses = {"127.0.0.1"};
  request.server = true;
  request.client = true;
  request.not_before = now - absl::Hours(1);
  request.not_after = now + absl::Hours(1);
  result.server = crypto::IssueCertificate(result.authority, request).value();
  return result;
}

TEST_CASE("certificates of a registry are checked unless it is insecure", "[oci_repository]") {
  const Certificates certificates = Issue({});
  oci_testing::RegistryOptions options;
  options.certificate_pem = certificates.server.certificate_pem;
  options.private_key_pem = certificates.server.private_key_pem;
  oci_testing::Registry registry(options);
  options.client_ca_pem = certificates.authority.certificate_pem;
  oci_testing::Registry mutual(options);
  struct Row {
    const oci_testing::Registry* registry;
    const char* more;
    bool ready;
  };
  const Row rows[] = {
      {&registry, "", false},
      {&registry, ", certSecretRef: {name: ca}", true},
      {&registry, ", certSecretRef: {name: older}", true},
      {&registry, ", certSecretRef: {name: other}", false},
      {&registry, ", insecure: true", true},
      // Certificates that are given are meant.
      {&registry, ", insecure: true, certSecretRef: {name: other}", false},
      {&mutual, ", certSecretRef: {name: stranger}", false},
      {&mutual, ", certSecretRef: {name: client}", true},
  };
  const std::string& ca = certificates.authority.certificate_pem;
  for (auto* one : {&registry, &mutual}) {
    AddManifest(*one, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
  }
  for (const Row& row : rows) {
    CAPTURE(row.more);
    OciRepositories repositories;
    repositories.Apply(SecretManifest("ca", {{"ca.crt", ca}}));
    repositories.Apply(SecretManifest("older", {{"caFile", ca}}));
    repositories.Apply(
        SecretManifest("other", {{"ca.crt", Issue({}).authority.certificate_pem}, {"caFile", ca}}));
    repositories.Apply(SecretManifest(
        "client", {{"ca.crt", ca},
                   {"tls.crt", certificates.server.certificate_pem},
                   {"tls.key", std::string(certificates.server.private_key_pem.Reveal())}}));
    const crypto::KeyPair stranger = Issue({}).server;
    repositories.Apply(
        SecretManifest("stranger", {{"ca.crt", ca},
                                    {"tls.crt", stranger.certificate_pem},
                                    {"tls.key", std::string(stranger.private_key_pem.Reveal())}}));
    repositories.Add(UrlOf(*row.registry), absl::StrCat(", timeout: 2s", row.more));
    CHECK(repositories.Run().ok() == row.ready);
  }
}

// Takes connections to "host:port" to a port of this machine, each in a thread of its own; what is
// asked without a tunnel it answers itself.
class Proxy {
 public:
  Proxy(int port, std::string answer)
      : port_(port), answer_(std::move(answer)), server_([this](http::Connection& connection, int) {
          threads_.emplace_back([this, fd = dup(connection.fd())] {
            http::Connection own((http::FileDescriptor(fd)));
            Serve(own);
          });
        }) {}

  std::string url() const { return server_.url(); }
  std::vector<std::string> Heads() {
    absl::MutexLock lock(&mutex_);
    return heads_;
  }

 private:
  void Serve(http::Connection& connection) {
    const auto head = http::ReadHead(connection, http::TestPatience());
    if (!head.ok() || !head->has_value()) return;
    {
      absl::MutexLock lock(&mutex_);
      heads_.push_back(**head);
    }
    if (!absl::StartsWith(**head, "CONNECT ")) {
      (void)connection.Write(
          http::TestPatience(),
          absl::StrCat("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ", answer_.size(),
                       "\r\n\r\n", answer_));
      return;
    }
    (void)connection.Write(http::TestPatience(), "HTTP/1.1 200 OK\r\n\r\n");
    const auto target = http::DialLocal(port_);
    http::Connection* ends[] = {&connection, target.get()};
    pollfd polled[2] = {{connection.fd(), POLLIN, 0}, {target->fd(), POLLIN, 0}};
    while (poll(polled, 2, 30'000) > 0) {
      for (int i = 0; i < 2; ++i) {
        if (polled[i].revents == 0) continue;
        const auto more = ends[i]->Fill(http::TestPatience());
        if (!more.ok() || !*more) return;
        if (!ends[1 - i]->Write(http::TestPatience(), ends[i]->buffered()).ok()) return;
        ends[i]->Consume(ends[i]->buffered().size());
      }
    }
  }

  const int port_;
  const std::string answer_;
  absl::Mutex mutex_;
  std::vector<std::string> heads_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::jthread> threads_;
  http::RawServer server_;
};

constexpr char kGoogleRegistry[] = "eu-docker.pkg.dev";

TEST_CASE("a cloud's registry is logged in to with the cloud's identity", "[oci_repository]") {
  const Certificates certificates = Issue({kGoogleRegistry});
  oci_testing::RegistryOptions options;
  options.access = Access::kBasic;
  options.username = "oauth2accesstoken";
  options.password = "google-token";
  options.certificate_pem = certificates.server.certificate_pem;
  options.private_key_pem = certificates.server.private_key_pem;
  oci_testing::Registry registry(options);
  AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
  for (const std::string token : {"google-token", "other-token"}) {
    CAPTURE(token);
    // The machine's metadata service is behind the proxy as well.
    Proxy proxy(registry.port(),
                absl::StrCat(R"({"access_token":")", token, R"(","expires_in":3600})"));
    OciRepositories repositories;
    repositories.Apply(SecretManifest("proxy", {{"address", proxy.url()}}));
    repositories.Apply(SecretManifest("ca", {{"ca.crt", certificates.authority.certificate_pem}}));
    repositories.Add(absl::StrCat("oci://", kGoogleRegistry, "/org/app"),
                     ", provider: gcp, certSecretRef: {name: ca}, proxySecretRef: {name: proxy}");
    CHECK(repositories.Run().ok() == (token == "google-token"));
    const auto heads = proxy.Heads();
    REQUIRE_FALSE(heads.empty());
    CHECK(absl::StartsWith(heads[0], "GET http://169.254.169.254/computeMetadata/v1/instance/"));
    CHECK_FALSE(absl::StrContains(repositories.Condition("FetchFailed"), token));
  }
}

TEST_CASE("only the cloud's own registries get its tokens", "[oci_repository]") {
  oci_testing::Registry registry;
  AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
  for (const std::string provider : {"aws", "azure", "gcp"}) {
    CAPTURE(provider);
    OciRepositories repositories;
    repositories.environment = {{"GCE_METADATA_HOST", registry.host()}};
    repositories.Add(UrlOf(registry), absl::StrCat(", provider: ", provider));
    CHECK_FALSE(repositories.Run().ok());
    CHECK(absl::StartsWith(
        repositories.Condition("FetchFailed"),
        absl::StrCat("FetchFailed=True AuthenticationFailed: failed to get credential from ",
                     provider, ": invalid ")));
    CHECK(registry.requests().empty());
  }
}

TEST_CASE("a service account's cloud identity wants the feature gate", "[oci_repository]") {
  OciRepositories repositories;
  repositories.Apply(
      "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa, namespace: default}\n");
  repositories.Add("oci://gcr.io/org/app", ", provider: gcp, serviceAccountName: sa");
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  constexpr char kMessage[] =
      "True FeatureGateDisabled: to use spec.serviceAccountName for provider authentication please "
      "enable the ObjectLevelWorkloadIdentity feature gate in the controller";
  CHECK(repositories.Condition("Stalled") == absl::StrCat("Stalled=", kMessage));
  CHECK(repositories.Condition("FetchFailed").empty());
  CHECK(absl::StartsWith(repositories.Condition("Ready"), "Ready=False FeatureGateDisabled"));
}

// A port of 127.0.0.1 that is taken, so that nobody else gets it, and that refuses connections.
class UnheardPort {
 public:
  UnheardPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&address), length) == 0);
    REQUIRE(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~UnheardPort() { close(fd_); }
  int port() const { return port_; }

 private:
  const int fd_;
  int port_ = 0;
};

TEST_CASE("a proxy that is not there is told", "[oci_repository]") {
  const UnheardPort unheard;
  const int port = unheard.port();
  OciRepositories repositories;
  repositories.Apply(
      SecretManifest("proxy", {{"address", absl::StrCat("http://u:hunter2@127.0.0.1:", port)}}));
  repositories.Add("oci://registry.example.com/org/app",
                   ", timeout: 2s, proxySecretRef: {name: proxy}");
  CHECK_FALSE(repositories.Run().ok());
  const std::string failed = repositories.Condition("FetchFailed");
  CAPTURE(failed);
  CHECK(absl::StrContains(failed, absl::StrCat("dial tcp 127.0.0.1:", port)));
  CHECK_FALSE(absl::StrContains(failed, "hunter2"));
}

TEST_CASE("a suspended OCIRepository is left alone, a deleted one cleaned up", "[oci_repository]") {
  oci_testing::Registry registry;
  AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
  OciRepositories repositories;
  repositories.Add(UrlOf(registry));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  const auto artifact = api::Artifact::Decode(repositories.Live()["status"]["artifact"]);
  repositories.Add(UrlOf(registry), ", suspend: true");
  const size_t asked = registry.requests().size();
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(registry.requests().size() == asked);
  CHECK(repositories.storage().Verify(repositories.api().ctx(), *artifact).ok());
  REQUIRE(repositories.api()
              .client()
              .Delete(repositories.api().ctx(), api::KindOrDie("OCIRepository"), {"default", "o"})
              .ok());
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(absl::IsNotFound(repositories.storage().Verify(repositories.api().ctx(), *artifact)));
  CHECK(repositories.Live().is_null());
}

// GHSA-jjrm-hr5f-673x, CVE-2026-50162, CVE-2026-50163: nothing in a layer leaves the directory.
TEST_CASE("paths of a layer stay in it", "[oci_repository][advisory]") {
  using Type = archive::TarEntry::Type;
  struct Row {
    archive::TarEntry entry;
    const char* refusal;  // nullptr: left out
  };
  const Row rows[] = {
      {{.name = "../out", .mode = 0644, .size = 1}, "tar contained invalid name error"},
      {{.name = "/out", .mode = 0644, .size = 1}, "tar contained invalid name error"},
      {{.name = "a/../../out", .mode = 0644, .size = 1}, "tar contained invalid name error"},
      {{.name = "a\\..\\out", .mode = 0644, .size = 1}, "tar contained invalid name error"},
      {{.name = "link", .type = Type::kSymlink, .link_target = "/etc"}, nullptr},
      // Not known as such, as in Flux: an empty file, below which nothing can be.
      {{.name = "link", .type = Type::kHardLink, .link_target = "/etc/passwd"},
       "failed to extract layer contents from artifact: "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.entry.name);
    oci_testing::Registry registry;
    AddManifest(registry, "latest",
                {{kFluxLayer, TarGz({{row.entry, row.entry.size > 0 ? "x" : ""},
                                     {{.name = "link/passwd", .mode = 0644, .size = 1}, "y"}})}});
    OciRepositories repositories;
    repositories.Add(UrlOf(registry));
    if (row.refusal == nullptr) {
      REQUIRE_THAT(repositories.Run().status(), IsOk());
      CHECK(repositories.Files().size() == 1);  // link is a directory of ours
      continue;
    }
    CHECK_FALSE(repositories.Run().ok());
    CHECK(absl::StrContains(repositories.Condition("FetchFailed"), row.refusal));
  }
}

// CVE-2025-32386, CVE-2024-29893: what a registry serves is bounded.
TEST_CASE("a layer is what its manifest says or nothing", "[oci_repository][advisory]") {
  const std::string layer = TarGz({{"a", "1"}});
  struct Row {
    oci_testing::Fault fault;
  };
  const Row rows[] = {
      {oci_testing::Replace("/blobs/", "something else of another length")},
      {oci_testing::Replace("/blobs/", std::string(layer.size(), 'x'))},
      {oci_testing::BreakOff("/blobs/", 10, 100)},
  };
  for (const Row& row : rows) {
    oci_testing::Registry registry;
    AddManifest(registry, "latest", {{kFluxLayer, layer}});
    registry.SetFault(row.fault);
    OciRepositories repositories;
    repositories.Add(UrlOf(registry), ", timeout: 3s");
    CHECK_FALSE(repositories.Run().ok());
    CHECK(absl::StartsWith(repositories.Condition("FetchFailed"),
                           "FetchFailed=True OCIArtifactLayerOperationFailed: failed to extract "
                           "layer contents from artifact: "));
    CHECK(repositories.Live()["status"]["artifact"].is_null());
  }
}

// CVE-2024-29893: a registry that does not come to an end.
TEST_CASE("an endless answer ends with the timeout", "[oci_repository][advisory]") {
  struct Row {
    oci_testing::Fault fault;
    const char* more;
  };
  const Row rows[] = {
      {oci_testing::EndlessTags(), ", ref: {semver: '*'}"},
      {oci_testing::Trickle("/tags/list"), ", ref: {semver: '*'}"},
      {oci_testing::Trickle("/manifests/"), ""},
      {oci_testing::Trickle("/blobs/"), ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.more);
    oci_testing::Registry registry;
    AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
    registry.SetFault(row.fault);
    OciRepositories repositories;
    repositories.Add(UrlOf(registry), absl::StrCat(", timeout: 1s", row.more));
    const absl::Time begun = absl::Now();
    CHECK_FALSE(repositories.Run().ok());
    CHECK(absl::Now() - begun < absl::Seconds(20));
    CHECK(absl::StartsWith(repositories.Condition("FetchFailed"), "FetchFailed=True"));
    registry.SetFault({});
  }
}

// The same, with a million tags that are well formed.
TEST_CASE("very many tags are chosen from", "[oci_repository][advisory]") {
  std::vector<std::string> tags;
  for (int i = 0; i < 1'000'000; ++i) tags.push_back(absl::StrCat("1.", i % 1000, ".", i / 1000));
  const auto newest = source_controller::NewestTag(tags, {"", "1.x", "", ""}, /*helm_tags=*/false);
  REQUIRE_THAT(newest.status(), IsOk());
  CHECK(*newest == "1.999.999");
}

// CVE-2026-50151, CVE-2026-48978, CVE-2026-33540: credentials stay with the registry.
TEST_CASE("a token service inside of the network gets no credentials",
          "[oci_repository][advisory]") {
  NotingServer inside(
      [](const http::ServerRequest&) { return http::ServerResponse{.body = R"({"token":"t"})"}; });
  oci_testing::RegistryOptions options;
  options.access = Access::kBearer;
  options.username = "user";
  options.password = "pass";
  options.realm = absl::StrReplaceAll(inside.url(), {{"127.0.0.1", "127.0.0.2"}});
  oci_testing::Registry registry(options);
  AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
  OciRepositories repositories;
  repositories.Apply(
      SecretManifest("s", {{".dockerconfigjson", DockerConfig(registry.host(), "user", "pass")}}));
  repositories.Add(UrlOf(registry), ", timeout: 3s, secretRef: {name: s}");
  CHECK_FALSE(repositories.Run().ok());
  CHECK(inside.Take().empty());
}

}  // namespace
}  // namespace sluice::sources
