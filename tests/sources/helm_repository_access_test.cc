// How HelmRepositories reach their servers: credentials and certificates.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "common/crypto_testing/certificates.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "tests/sources/helm_repository_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

TEST_CASE("tokens in a repository's URL reach no message", "[helm_repository]") {
  int status = 200;
  NotingServer server([&](const http::ServerRequest&) { return Text(status, kIndex); });
  for (const int answer : {200, 404}) {
    status = answer;
    Repositories repositories;
    std::string url = server.url() + "/charts?sig=TOKEN";
    url.insert(url.find("://") + 3, "user:PASSWORD@");
    repositories.Apply(RepositoryManifest(url));
    CHECK(repositories.Run().ok() == (answer == 200));
    std::string told = value::FormatJson(repositories.Live()["status"]);
    for (const std::string& event : repositories.Events("h")) told += event;
    CHECK(absl::StrContains(told, "/charts"));
    CHECK_FALSE(absl::StrContains(told, "TOKEN"));
    CHECK_FALSE(absl::StrContains(told, "PASSWORD"));
  }
}

TEST_CASE("credentials of a Helm repository stay with it", "[helm_repository]") {
  NotingServer other([](const http::ServerRequest&) { return Text(200, kIndex); });
  NotingServer server([&](const http::ServerRequest& request) {
    if (request.headers.Get("Authorization") != "Basic dXNlcjpwYXNz") return Text(401, "");
    http::ServerResponse answer = Text(302, "");
    answer.headers.Add("Location", other.url() + "/index.yaml");
    return answer;
  });
  Repositories repositories;
  repositories.Apply(SecretManifest("login", {{"username", "user"}, {"password", "pass"}}));
  repositories.Apply(
      RepositoryManifest(server.url(), ", secretRef: {name: login}, passCredentials: true"));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  const auto requests = other.Take();
  REQUIRE(requests.size() == 1);
  CHECK_FALSE(requests[0].headers.Has("Authorization"));
}

TEST_CASE("secrets that do not fit are told as in Flux", "[helm_repository]") {
  struct Row {
    std::vector<std::pair<std::string, std::string>> data;
    const char* more;
    const char* condition;
  };
  const Row rows[] = {
      {{{"username", "user"}, {"password", "wrong"}},
       ", secretRef: {name: s}",
       ": 401 Unauthorized"},
      {{{"username", "user"}},
       ", secretRef: {name: s}",
       "FetchFailed=True AuthenticationFailed: failed to detect authentication methods: secret "
       "'default/s': malformed basic auth - has 'username' but missing 'password'"},
      {{},
       ", secretRef: {name: nope}",
       "FetchFailed=True AuthenticationFailed: failed to get authentication secret "
       "'default/nope': secrets \"nope\" not found"},
      {{},
       ", certSecretRef: {name: nope}",
       "FetchFailed=True AuthenticationFailed: failed to get TLS authentication secret "
       "'default/nope': secrets \"nope\" not found"},
      {{{"tls.crt", "x"}},
       ", certSecretRef: {name: s}",
       "failed to construct Helm client's TLS config: secret 'default/s' contains 'tls.crt' but "
       "missing 'tls.key'"},
      {{{"ca.crt", "x"}},
       ", certSecretRef: {name: s}",
       "FetchFailed=True AuthenticationFailed: failed to construct Helm client's TLS config: "},
  };
  NotingServer server([](const http::ServerRequest& request) {
    return request.headers.Get("Authorization") == "Basic dXNlcjpwYXNz" ? Text(200, kIndex)
                                                                        : Text(401, "");
  });
  for (const Row& row : rows) {
    CAPTURE(row.condition);
    Repositories repositories;
    repositories.Apply(SecretManifest("s", row.data));
    repositories.Apply(RepositoryManifest(server.url(), row.more));
    CHECK_FALSE(repositories.Run().ok());
    CHECK(absl::StrContains(ConditionText(repositories.Live(), "FetchFailed"), row.condition));
  }
}

TEST_CASE("certificates of a Helm repository come from either secret", "[helm_repository]") {
  const crypto_testing::Certificates certificates = crypto_testing::IssueCertificates();
  NotingServer server(
      [](const http::ServerRequest& request) {
        return request.peer.common_name == "alice" ? Text(200, kIndex) : Text(401, "");
      },
      {.certificate_pem = certificates.server.certificate_pem,
       .private_key_pem = certificates.server.private_key_pem,
       .client_ca_pem = certificates.authority.certificate_pem});
  const std::string client_key(certificates.client.private_key_pem.Reveal());
  for (const char* reference : {"certSecretRef", "secretRef"}) {
    CAPTURE(reference);
    Repositories repositories;
    repositories.Apply(SecretManifest("tls", {{"ca.crt", certificates.authority.certificate_pem},
                                              {"tls.crt", certificates.client.certificate_pem},
                                              {"tls.key", client_key}}));
    repositories.Apply(
        RepositoryManifest(server.url(), absl::StrCat(", ", reference, ": {name: tls}")));
    CHECK_THAT(repositories.Run().status(), IsOk());
  }
  Repositories repositories;
  repositories.Apply(RepositoryManifest(server.url()));
  CHECK_THAT(repositories.Run().status(),
             StatusIs(absl::StatusCode::kUnavailable, "signed by unknown authority"));
}

}  // namespace
}  // namespace sluice::sources
