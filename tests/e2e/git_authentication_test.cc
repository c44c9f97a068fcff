// Every way to authenticate at a Git remote, granted and refused (spec/source.md §3.2, §6.1, §6.4).

// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/clock.h"
#include "common/crypto/x509.h"
#include "common/git_testing/git_server.h"
#include "common/http/body.h"
#include "common/http/raw_peer.h"
#include "common/http/socket.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::git_testing::GitServer;
using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);
constexpr char kCodeCommit[] = "git-codecommit.eu-west-1.amazonaws.com";

// Objects of one cluster that only fetches; each case adds its own.
class Sources {
 public:
  explicit Sources(ClusterOptions options = {}) {
    options.controllers = {"source-controller"};
    auto started = Cluster::Start(options);
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
    auto git = GitRepository::Create(root() + "/repo");
    REQUIRE(git.ok());
    git->Write("a.txt", "a");
    REQUIRE_THAT(git->Commit("first").status(), IsOk());
  }

  Cluster& cluster() { return *cluster_; }
  std::string root() const { return cluster_->git_root(); }

  void AddSecret(const std::string& name,
                 const std::vector<std::pair<std::string, std::string>>& data) {
    Value text = Value::EmptyObject();
    for (const auto& [key, value] : data) text.Set(key, value);
    Apply({{"apiVersion", "v1"},
           {"kind", "Secret"},
           {"metadata", {{"name", name}}},
           {"stringData", std::move(text)}});
  }
  // A GitRepository of `url` with `more` in its spec, and the Secret of its name if `secret`.
  void Add(const std::string& name, const std::string& url, bool secret,
           const std::vector<std::pair<std::string, Value>>& more = {}) {
    Value object = GitRepositoryManifest(name, url);
    Value& spec = object.Ensure("spec");
    if (secret) spec.Set("secretRef", {{"name", name}});
    for (const auto& [key, value] : more) spec.Set(key, value);
    Apply(std::move(object));
  }
  void Apply(Value object) { REQUIRE_THAT(cluster_->Apply(std::move(object)), IsOk()); }

  void ExpectReady(const std::string& name) {
    CAPTURE(name);
    const bool ready = Eventually(kLimit, [&] { return Ready(name, "True").has_value(); });
    if (!ready) UNSCOPED_INFO(cluster_->Describe());
    CHECK(ready);
  }
  // Ready=False with `reason` and, in its message, `text`.
  void ExpectRefused(const std::string& name, absl::string_view reason, absl::string_view text) {
    CAPTURE(name, reason, text);
    std::string last;
    const bool refused = Eventually(kLimit, [&] {
      const auto message = Ready(name, "False");
      last = message.value_or("");
      return absl::StrContains(last, text) && reason_ == reason;
    });
    CAPTURE(last, reason_);
    if (!refused) UNSCOPED_INFO(cluster_->Describe());
    CHECK(refused);
  }

 private:
  std::optional<std::string> Ready(const std::string& name, absl::string_view status) {
    const auto object = cluster_->Get(kSourceApi, "GitRepository", name);
    if (!object.has_value()) return std::nullopt;
    for (const Value& condition : (*object)["status"]["conditions"].items()) {
      if (condition["type"].str() == "Ready") reason_ = std::string(condition["reason"].str());
    }
    return ReadyMessage(object, status);
  }

  std::unique_ptr<Cluster> cluster_;
  std::string reason_;  // of Ready, as last seen
};

TEST_CASE("user and password, or a bearer token", "[e2e]") {
  Sources sources;
  const GitServer basic(sources.root(), {.username = "ada", .password = Secret("pw")});
  const GitServer bearer(sources.root(), {.bearer_token = Secret("token")});
  const std::string repo = basic.Url("repo");
  sources.AddSecret("basic", {{"username", "ada"}, {"password", "pw"}});
  sources.Add("basic", repo, true);
  sources.AddSecret("basic-wrong", {{"username", "ada"}, {"password", "hunter2"}});
  sources.Add("basic-wrong", repo, true);
  sources.AddSecret("basic-no-user", {{"password", "hunter2"}});
  sources.Add("basic-no-user", repo, true);
  sources.Add("basic-none", repo, false);
  sources.Add("basic-in-url", absl::StrCat("http://ada:pw@", repo.substr(7)), false);
  sources.AddSecret("bearer", {{"bearerToken", "token"}, {"username", "not used"}});
  sources.Add("bearer", bearer.Url("repo"), true);
  sources.AddSecret("bearer-wrong", {{"bearerToken", "hunter2"}});
  sources.Add("bearer-wrong", bearer.Url("repo"), true);

  for (const char* name : {"basic", "basic-in-url", "bearer"}) sources.ExpectReady(name);
  for (const char* name : {"basic-wrong", "basic-none", "bearer-wrong"}) {
    sources.ExpectRefused(name, "GitOperationFailed", "authentication required");
  }
  sources.ExpectRefused("basic-no-user", "AuthenticationFailed",
                        "failed to configure authentication options");
  // Neither status nor log tells what was tried.
  CHECK_FALSE(absl::StrContains(sources.cluster().Describe(), "hunter2"));
  CHECK(sources.cluster().Casualties() == "");
}

TEST_CASE("TLS with an authority and a client certificate of one's own", "[e2e]") {
  Sources sources;
  const absl::Time now = RealClock().Now();
  const absl::Time end = now + absl::Hours(1);
  const auto authority = crypto::CreateAuthority("test", now - absl::Hours(1), end).value();
  const auto issue = [&](bool server) {
    return crypto::IssueCertificate(authority, {.common_name = "ada",
                                                .organizations = {},
                                                .dns_names = {"localhost"},
                                                .ip_addresses = {"127.0.0.1"},
                                                .server = server,
                                                .client = !server,
                                                .not_before = now - absl::Hours(1),
                                                .not_after = end})
        .value();
  };
  const auto server = issue(true);
  const auto client = issue(false);
  GitServer git(sources.root(), {.username = "",
                                 .certificate_pem = server.certificate_pem,
                                 .private_key_pem = server.private_key_pem,
                                 .client_ca_pem = authority.certificate_pem});
  git.SetFault([](const http::ServerRequest& request, http::ServerResponse& response) {
    if (request.peer.common_name != "ada") response = http::ServerResponse{.status = 403};
  });
  const std::string key(client.private_key_pem.Reveal());
  sources.AddSecret("tls", {{"ca.crt", authority.certificate_pem},
                            {"tls.crt", client.certificate_pem},
                            {"tls.key", key}});
  sources.Add("tls", git.Url("repo"), true);
  sources.AddSecret("older-name", {{"caFile", authority.certificate_pem},
                                   {"tls.crt", client.certificate_pem},
                                   {"tls.key", key}});
  sources.Add("older-name", git.Url("repo"), true);
  sources.AddSecret("no-client", {{"ca.crt", authority.certificate_pem}});
  sources.Add("no-client", git.Url("repo"), true);
  sources.Add("no-authority", git.Url("repo"), false);
  sources.AddSecret("bad-authority", {{"ca.crt", "no certificate"}});
  sources.Add("bad-authority", git.Url("repo"), true);
  sources.ExpectReady("tls");
  sources.ExpectReady("older-name");
  sources.ExpectRefused("no-client", "GitOperationFailed", "authorization failed");
  sources.ExpectRefused("no-authority", "GitOperationFailed", "failed to verify certificate");
  sources.ExpectRefused("bad-authority", "GitOperationFailed", "");
}

TEST_CASE("SSH keys and known hosts", "[e2e]") {
  if (!std::filesystem::exists("/usr/sbin/sshd")) {
    WARN("sshd is not installed: nothing tested");
    return;
  }
  Sources sources;
  const TempDir dir;
  mkdir("/run/sshd", 0755);  // where it separates privileges; fails where sshd needs it not
  const auto make_key = [&dir](const std::string& name, const std::string& passphrase) {
    REQUIRE_THAT(Run({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "",
                      "-f", dir / name})
                     .status(),
                 IsOk());
  };
  make_key("host", "");
  make_key("client", "");
  make_key("locked", "open sesame");
  make_key("stranger", "");
  WriteFile(dir / "authorized_keys", ReadFile(dir / "client.pub") + ReadFile(dir / "locked.pub"));
  const int port = ReservePort();
  WriteFile(dir / "sshd_config",
            absl::StrCat("ListenAddress 127.0.0.1\nPort ", port, "\nHostKey ", dir / "host",
                         "\nAuthorizedKeysFile ", dir / "authorized_keys",
                         "\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
                         "PasswordAuthentication no\nPidFile none\n"));
  const auto sshd =
      Process::Start({"/usr/sbin/sshd", "-D", "-f", dir / "sshd_config"}, dir / "sshd.log");
  REQUIRE_THAT(sshd.status(), IsOk());
  REQUIRE(Eventually(kLimit, [port] {
    return http::Dial(Context::Background(), "127.0.0.1", port, absl::Seconds(1)).ok();
  }));
  const char* user = std::getenv("USER");
  const std::string url = absl::StrCat("ssh://",
                                       geteuid() == 0    ? "root"
                                       : user != nullptr ? user
                                                         : "nobody",
                                       "@127.0.0.1:", port, sources.root(), "/repo");
  const std::string known = absl::StrCat("[127.0.0.1]:", port, " ", ReadFile(dir / "host.pub"));
  const std::string other = absl::StrCat("[127.0.0.1]:", port, " ", ReadFile(dir / "client.pub"));
  const auto add = [&](const std::string& name, const std::string& key, const std::string& hosts,
                       const std::string& password) {
    std::vector<std::pair<std::string, std::string>> data = {{"identity", ReadFile(dir / key)}};
    if (!hosts.empty()) data.emplace_back("known_hosts", hosts);
    if (!password.empty()) data.emplace_back("password", password);
    sources.AddSecret(name, data);
    sources.Add(name, url, true);
  };
  add("key", "client", known, "");
  add("passphrase", "locked", known, "open sesame");
  add("wrong-passphrase", "locked", known, "hunter2");
  add("stranger", "stranger", known, "");
  add("other-host", "client", other, "");
  add("no-hosts", "client", "", "");
  sources.Add("no-secret", url, false);
  sources.ExpectReady("key");
  sources.ExpectReady("passphrase");
  sources.ExpectRefused("wrong-passphrase", "GitOperationFailed", "");
  sources.ExpectRefused("stranger", "GitOperationFailed", "unable to authenticate");
  sources.ExpectRefused("other-host", "GitOperationFailed", "knownhosts: key mismatch");
  sources.ExpectRefused("no-hosts", "AuthenticationFailed", "'known_hosts' is required");
  sources.ExpectRefused("no-secret", "AuthenticationFailed", "'identity' is required");
}

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
  Sources sources(
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
  Sources sources;
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
  Sources sources({.environment = {{"AWS_ACCESS_KEY_ID", "AKID"},
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
  Sources sources({.environment = {{"HTTP_PROXY", address}, {"NO_PROXY", "direct.invalid"}}});
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
