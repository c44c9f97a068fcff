// How OCIRepositories reach registries: logins, certificates, proxies, clouds.

// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "common/crypto_testing/certificates.h"
#include "common/http/body.h"
#include "common/http/raw_peer.h"
#include "common/testing/status_matchers.h"
#include "tests/sources/registry_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::crypto_testing::Certificates;
using ::sluice::crypto_testing::IssueCertificates;
using ::sluice::testing::IsOk;
using Access = oci_testing::RegistryOptions::Access;

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

TEST_CASE("certificates of a registry are checked unless it is insecure", "[oci_repository]") {
  const Certificates certificates = IssueCertificates();
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
    repositories.Apply(SecretManifest(
        "other", {{"ca.crt", IssueCertificates().authority.certificate_pem}, {"caFile", ca}}));
    repositories.Apply(SecretManifest(
        "client", {{"ca.crt", ca},
                   {"tls.crt", certificates.client.certificate_pem},
                   {"tls.key", std::string(certificates.client.private_key_pem.Reveal())}}));
    const crypto::KeyPair stranger = IssueCertificates().client;
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
  const Certificates certificates = IssueCertificates({.server_names = {kGoogleRegistry}});
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

}  // namespace
}  // namespace sluice::sources
