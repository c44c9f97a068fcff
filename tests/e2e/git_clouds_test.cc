// Git remotes of clouds, and those behind a proxy: GitHub Apps, Azure's and AWS's identities
// (spec/source.md §3.2, §6.1, §6.4).

// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/x509.h"
#include "common/git_testing/git_server.h"
#include "common/http/body.h"
#include "common/http/raw_peer.h"
#include "common/http/socket.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/git_sources.h"

namespace sluice::e2e {
namespace {

using ::sluice::git_testing::GitServer;
using ::sluice::testing::IsOk;

constexpr char kCodeCommit[] = "git-codecommit.eu-west-1.amazonaws.com";

// A GitHub API and Azure's authority in one: what they answer with.
http::ServerResponse TokenService(const Context&, const http::ServerRequest& request) {
  http::ServerResponse response;
  if (request.path == "/app/installations/42/access_tokens") {
    response.status = 201;
    response.body = R"({"token": "ghs_good", "expires_at": "2099-01-01T00:00:00Z"})";
  } else if (request.path == "/tenant-1/oauth2/v2.0/token") {
    response.body = R"({"access_token": "azure-good", "expires_in": 3600})";
  } else {
    response.status = 401;
    response.body = R"({"message": "unknown to this service"})";
  }
  return response;
}

std::string RsaKey() {
  const TempDir dir;
  REQUIRE_THAT(Run({"/usr/bin/ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "",
                    "-f", dir / "key"})
                   .status(),
               IsOk());
  return ReadFile(dir / "key");
}

TEST_CASE("GitHub Apps and Azure workload identity", "[e2e]") {
  const auto service = http::Server::Start({.address = "127.0.0.1:0"}, TokenService).value();
  const std::string service_url = absl::StrCat("http://127.0.0.1:", service->port());
  GitSources sources(
      {.flags = {{"source-controller", {"--feature-gates=ObjectLevelWorkloadIdentity=true"}}},
       .environment = {{"AZURE_AUTHORITY_HOST", service_url}}});
  const GitServer github(sources.root(),
                         {.username = "x-access-token", .password = Secret("ghs_good")});
  const GitServer azure(sources.root(), {.bearer_token = Secret("azure-good")});

  const std::string key = RsaKey();
  const auto add_app = [&](const std::string& name, const std::string& installation,
                           const std::string& private_key) {
    sources.AddSecret(name, {{"githubAppID", "5"},
                             {"githubAppInstallationID", installation},
                             {"githubAppBaseURL", service_url},
                             {"githubAppPrivateKey", private_key}});
    sources.Add(name, github.Url("repo"), true, {{"provider", "github"}});
  };
  add_app("app", "42", key);
  add_app("app-unknown", "7", key);
  add_app("app-bad-key", "42", "no key");
  sources.AddSecret("app-half", {{"githubAppID", "5"}, {"githubAppPrivateKey", key}});
  sources.Add("app-half", github.Url("repo"), true, {{"provider", "github"}});
  sources.Add("app-no-secret", github.Url("repo"), false, {{"provider", "github"}});
  sources.AddSecret("app-no-provider", {{"githubAppID", "5"}});
  sources.Add("app-no-provider", github.Url("repo"), true);

  sources.Apply({{"apiVersion", "v1"},
                 {"kind", "ServiceAccount"},
                 {"metadata",
                  {{"name", "tenant"},
                   {"annotations",
                    {{"azure.workload.identity/client-id", "client-1"},
                     {"azure.workload.identity/tenant-id", "tenant-1"}}}}}});
  sources.Apply({{"apiVersion", "v1"},
                 {"kind", "ServiceAccount"},
                 {"metadata",
                  {{"name", "stranger"},
                   {"annotations",
                    {{"azure.workload.identity/client-id", "client-1"},
                     {"azure.workload.identity/tenant-id", "tenant-2"}}}}}});
  const auto add_azure = [&](const std::string& name, const std::string& account) {
    sources.Add(name, azure.Url("repo"), false,
                {{"provider", "azure"}, {"serviceAccountName", account}});
  };
  add_azure("azure", "tenant");
  add_azure("azure-stranger", "stranger");
  add_azure("azure-nobody", "nobody");

  sources.ExpectReady("app");
  sources.ExpectReady("azure");
  sources.ExpectRefused("app-unknown", "AuthenticationFailed", "unknown to this service");
  sources.ExpectRefused("app-bad-key", "AuthenticationFailed", "could not parse private key");
  sources.ExpectRefused("app-half", "AuthenticationFailed", "must contain exactly one of");
  sources.ExpectRefused("app-no-secret", "InvalidProviderConfiguration",
                        "secretRef with github app data must be specified");
  sources.ExpectRefused("app-no-provider", "InvalidProviderConfiguration",
                        "has github app data but provider is not set to github");
  sources.ExpectRefused("azure-stranger", "AuthenticationFailed", "unknown to this service");
  sources.ExpectRefused("azure-nobody", "AuthenticationFailed", "failed to get service account");
  CHECK_FALSE(absl::StrContains(sources.cluster().Describe(), "ghs_good"));
}

TEST_CASE("a service account needs the feature gate", "[e2e]") {
  GitSources sources;
  sources.Add("gated", "http://127.0.0.1:1/repo", false,
              {{"provider", "azure"}, {"serviceAccountName", "tenant"}});
  sources.ExpectRefused("gated", "FeatureGateDisabled",
                        "please enable the ObjectLevelWorkloadIdentity feature gate");
}

// Bytes from either side to the other, until one closes.
void Relay(int a, int b) {
  pollfd ends[] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
  while (poll(ends, 2, 30'000) > 0) {
    for (int i = 0; i < 2; ++i) {
      if (ends[i].revents == 0) continue;
      char bytes[16384];
      const ssize_t got = recv(ends[i].fd, bytes, sizeof(bytes), 0);
      if (got <= 0) return;
      for (ssize_t done = 0; done < got;) {
        const ssize_t sent =
            send(ends[1 - i].fd, bytes + done, static_cast<size_t>(got - done), MSG_NOSIGNAL);
        if (sent <= 0) return;
        done += sent;
      }
    }
  }
}

TEST_CASE("AWS CodeCommit, through a proxy", "[e2e]") {
  GitSources sources({.environment = {{"AWS_ACCESS_KEY_ID", "AKID"},
                                      {"AWS_SECRET_ACCESS_KEY", "very secret"},
                                      {"AWS_REGION", "eu-west-1"}}});
  const absl::Time now = RealClock().Now();
  const auto authority =
      crypto::CreateAuthority("test", now - absl::Hours(1), now + absl::Hours(1)).value();
  const auto server = crypto::IssueCertificate(authority, {.common_name = kCodeCommit,
                                                           .organizations = {},
                                                           .dns_names = {kCodeCommit},
                                                           .ip_addresses = {},
                                                           .server = true,
                                                           .client = false,
                                                           .not_before = now - absl::Hours(1),
                                                           .not_after = now + absl::Hours(1)})
                          .value();
  std::filesystem::create_directories(sources.root() + "/v1/repos");
  std::filesystem::rename(sources.root() + "/repo", sources.root() + "/v1/repos/repo");
  GitServer git(sources.root(), {.username = "",
                                 .certificate_pem = server.certificate_pem,
                                 .private_key_pem = server.private_key_pem});
  git.SetFault([](const http::ServerRequest& request, http::ServerResponse& response) {
    // "AKID:" and a time of this century.
    std::string credentials;
    const absl::string_view given = request.headers.Get("Authorization");
    if (!absl::StartsWith(given, "Basic ") ||
        !absl::Base64Unescape(given.substr(6), &credentials) ||
        !absl::StartsWith(credentials, "AKID:20") || credentials.size() != 5 + 16 + 64) {
      response = http::ServerResponse{.status = 403};
    }
  });
  // Gone before the cluster: its threads end when the controller's connections do.
  http::RawServer proxy([&git](http::Connection& connection, int) {
    const auto head = http::ReadHead(connection, http::TestPatience());
    if (!head.ok() || !absl::StartsWith(head->value_or(""), absl::StrCat("CONNECT ", kCodeCommit)))
      return;
    if (!connection.Write(http::TestPatience(), "HTTP/1.1 200 OK\r\n\r\n").ok()) return;
    const auto target = http::DialLocal(git.port());
    Relay(connection.fd(), target->fd());
  });
  sources.AddSecret("proxy", {{"address", proxy.url()}});
  sources.AddSecret("code-commit", {{"ca.crt", authority.certificate_pem}});
  sources.Add("code-commit", absl::StrCat("https://", kCodeCommit, "/v1/repos/repo"), true,
              {{"provider", "aws"}, {"proxySecretRef", {{"name", "proxy"}}}});
  sources.Add("other-host", "https://example.com/repo", false, {{"provider", "aws"}});
  sources.ExpectReady("code-commit");
  sources.ExpectRefused("other-host", "AuthenticationFailed", "not an HTTPS URL of AWS CodeCommit");
  sources.cluster().Kill("source-controller");
}

TEST_CASE("an HTTP proxy from a Secret, or from the environment", "[e2e]") {
  // What speaks HTTP is its own proxy for any host.
  const TempDir served;
  auto repository = GitRepository::Create(served / "repo");
  REQUIRE(repository.ok());
  repository->Write("a.txt", "a");
  REQUIRE_THAT(repository->Commit("first").status(), IsOk());
  const GitServer git(served.path());
  const std::string address = absl::StrCat("http://127.0.0.1:", git.port());
  GitSources sources({.environment = {{"HTTP_PROXY", address}, {"NO_PROXY", "direct.invalid"}}});
  sources.AddSecret("good", {{"address", address}});
  sources.AddSecret("down", {{"address", absl::StrCat("http://127.0.0.1:", ReservePort())}});
  sources.AddSecret("odd", {{"address", "ftp://user:hunter2@127.0.0.1"}});
  const auto add = [&](const std::string& name, const std::string& proxy) {
    sources.Add(name, "http://git.invalid/repo", false, {{"proxySecretRef", {{"name", proxy}}}});
  };
  add("through", "good");
  add("through-down", "down");
  add("through-odd", "odd");
  sources.Add("by-environment", "http://git.invalid/repo", false);
  sources.Add("around", "http://direct.invalid/repo", false);
  sources.ExpectReady("through");
  sources.ExpectReady("by-environment");
  sources.ExpectRefused("through-down", "GitOperationFailed", "connection refused");
  sources.ExpectRefused("through-odd", "AuthenticationFailed",
                        "proxy URL must use one of the supported schemes");
  sources.ExpectRefused("around", "GitOperationFailed", "direct.invalid");
}

}  // namespace
}  // namespace sluice::e2e
