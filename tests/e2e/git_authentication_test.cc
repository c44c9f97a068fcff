// Passwords, certificates and SSH keys of Git remotes, granted and refused (spec/source.md §3.2,
// §6.1, §6.4). Those of clouds have their own file.

// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto_testing/certificates.h"
#include "common/git_testing/git_server.h"
#include "common/http/socket.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/git_sources.h"

namespace sluice::e2e {
namespace {

using ::sluice::git_testing::GitServer;
using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);

TEST_CASE("user and password, or a bearer token", "[e2e]") {
  GitSources sources;
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
  GitSources sources;
  const auto [authority, server, client] = crypto_testing::IssueCertificates({.user = "ada"});
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
  GitSources sources;
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

}  // namespace
}  // namespace sluice::e2e
