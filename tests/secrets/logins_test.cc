// Logins and keys for upstreams, right and wrong.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/git_testing/git_server.h"
#include "common/oci_testing/registry.h"
#include "common/value/json.h"
#include "tests/hostile/server.h"
#include "tests/images/ssh_server.h"
#include "tests/secrets/scene.h"

namespace sluice::secrets {
namespace {

using e2e::kSourceApi;

constexpr char kImageApi[] = "image.toolkit.fluxcd.io/v1";

std::string DockerConfig(const std::string& host, const std::string& password) {
  const Value login = {{"username", "user"},
                       {"password", password},
                       {"auth", absl::Base64Escape("user:" + password)}};
  return value::FormatJson({{"auths", {{host, login}}}});
}

TEST_CASE("logins are told nowhere, whether they serve or not", "[secrets]") {
  Scene scene;
  Canaries& canaries = scene.canaries();
  const auto login = [&](const std::string& name, const std::string& password) {
    scene.AddSecret(name, {{"username", "user"}, {"password", password}});
  };
  REQUIRE(scene.git().Commit("first").ok());

  // Git over HTTP.
  const std::string basic = canaries.New("git-basic");
  git_testing::GitServer basic_server(
      scene.cluster().git_root(),
      {.allow_push = true, .username = "user", .password = Secret(basic)});
  const std::string bearer = canaries.NewPlain("git-bearer");
  git_testing::GitServer bearer_server(scene.cluster().git_root(),
                                       {.bearer_token = Secret(bearer)});
  login("git-basic", basic);
  scene.AddSource("GitRepository", "git-basic", "True", {{"url", basic_server.Url("repo")}});
  login("git-wrong", canaries.New("git-wrong"));
  scene.AddSource("GitRepository", "git-wrong", "False", {{"url", basic_server.Url("repo")}});
  login("git-echo", canaries.New("git-echo"));
  scene.AddSource("GitRepository", "git-echo", "False", {{"url", scene.echo() + "/repo"}});
  scene.AddSecret("git-bearer", {{"bearerToken", bearer}});
  scene.AddSource("GitRepository", "git-bearer", "True", {{"url", bearer_server.Url("repo")}});
  scene.AddSecret("git-bearer-wrong", {{"bearerToken", canaries.NewPlain("git-bearer-wrong")}});
  scene.AddSource("GitRepository", "git-bearer-wrong", "False",
                  {{"url", bearer_server.Url("repo")}});
  scene.Add(kSourceApi, "GitRepository", "git-url", "False",
            {{"url", absl::StrCat("http://user:", canaries.NewPlain("git-url"), "@",
                                  scene.echo_host(), "/repo")}});
  scene.AddSecret("git-half", {{"username", canaries.New("git-half")}});
  scene.AddSource("GitRepository", "git-half", "False", {{"url", basic_server.Url("repo")}});
  scene.AddSecret("git-app", {{"githubAppID", "1"},
                              {"githubAppInstallationID", "2"},
                              {"githubAppBaseURL", scene.echo()},
                              {"githubAppPrivateKey", canaries.New("github-app-key")}});
  scene.AddSource("GitRepository", "git-app", "False",
                  {{"url", scene.echo() + "/repo"}, {"provider", "github"}});
  scene.AddSecret("git-proxy", {{"address", scene.echo()},
                                {"username", "user"},
                                {"password", canaries.New("proxy-password")}});
  scene.Add(kSourceApi, "GitRepository", "git-proxy", "False",
            {{"url", "https://git.invalid/repo"}, {"proxySecretRef", {{"name", "git-proxy"}}}});

  // Git over SSH.
  std::optional<images::SshServer> ssh;
  if (images::SshServer::IsInstalled()) {
    ssh.emplace();
    const std::string key = ssh->client_key();
    // In the middle of the key, where its secret half is.
    canaries.Add("ssh-key", key.substr(key.size() / 2, 12));
    scene.AddSecret("git-ssh", {{"identity", key}, {"known_hosts", ssh->known_hosts()}});
    scene.AddSource("GitRepository", "git-ssh", "True", {{"url", ssh->Url(scene.git().path())}});
    scene.AddSecret("git-ssh-wrong", {{"identity", canaries.New("ssh-no-key")},
                                      {"password", canaries.New("ssh-passphrase")},
                                      {"known_hosts", ssh->known_hosts()}});
    scene.AddSource("GitRepository", "git-ssh-wrong", "False",
                    {{"url", ssh->Url(scene.git().path())}});
  } else {
    WARN("sshd is not installed: SSH keys were not tried");
  }

  // Registries.
  const std::string pull = canaries.New("registry");
  oci_testing::Registry registry({.access = oci_testing::RegistryOptions::Access::kBearer,
                                  .username = "user",
                                  .password = pull});
  registry.AddArtifact("org/app", "1.0.0", "application/octet-stream", "layer");
  struct Pull {
    const char* name;
    std::string host, config;
    const char* status;
  };
  const Pull pulls[] = {
      {"oci", registry.host(), DockerConfig(registry.host(), pull), "True"},
      {"oci-wrong", registry.host(), DockerConfig(registry.host(), canaries.New("oci-wrong")),
       "False"},
      {"oci-echo", scene.echo_host(), DockerConfig(scene.echo_host(), canaries.New("oci-echo")),
       "False"},
      {"oci-config", registry.host(), "{\"auths\": " + canaries.New("oci-config"), "False"},
  };
  for (const Pull& row : pulls) {
    // The API server refuses a broken configuration of that type.
    const bool whole = value::ParseJson(row.config).ok();
    scene.AddSecret(row.name, {{".dockerconfigjson", row.config}},
                    whole ? "kubernetes.io/dockerconfigjson" : "Opaque");
    const std::string repository = row.host + "/org/app";
    // The artifact has no layer that could be extracted: it is reached, and refused.
    scene.AddSource("OCIRepository", row.name, "False",
                    {{"url", "oci://" + repository}, {"ref", {{"tag", "1.0.0"}}}});
    scene.Add(kImageApi, "ImageRepository", row.name, row.status,
              {{"image", repository}, {"secretRef", {{"name", row.name}}}});
  }

  // Helm repositories and buckets.
  login("helm-echo", canaries.New("helm-echo"));
  scene.AddSource("HelmRepository", "helm-echo", "False", {{"url", scene.echo() + "/charts"}});
  hostile::Server charts;
  charts.On("/", hostile::Reply(200, {}, "apiVersion: v1\nentries: {}\n"));
  login("helm", canaries.New("helm"));
  scene.AddSource("HelmRepository", "helm", "True", {{"url", charts.url()}});
  scene.AddSecret("bucket", {{"accesskey", canaries.NewPlain("s3-access-key")},
                             {"secretkey", canaries.New("s3-secret-key")}});
  scene.AddSource("Bucket", "bucket", "False",
                  {{"endpoint", scene.echo_host()}, {"insecure", true}, {"bucketName", "data"}});
  scene.AddSecret("bucket-gcp", {{"serviceaccount", canaries.New("gcp-account")}});
  scene.AddSource(
      "Bucket", "bucket-gcp", "False",
      {{"provider", "gcp"}, {"endpoint", "storage.googleapis.com"}, {"bucketName", "data"}});
  scene.AddSecret("bucket-azure", {{"accountKey", canaries.New("azure-key")}});
  scene.AddSource("Bucket", "bucket-azure", "False",
                  {{"provider", "azure"}, {"endpoint", scene.echo()}, {"bucketName", "data"}});
  scene.AddSecret(
      "tls", {{"tls.crt", canaries.New("tls-certificate")}, {"tls.key", canaries.New("tls-key")}});
  scene.Add(kSourceApi, "HelmRepository", "tls", "False",
            {{"url", "https://127.0.0.1:1"}, {"certSecretRef", {{"name", "tls"}}}});

  // Image automation, which pushes.
  const auto automate = [&](const std::string& name, const char* status, const Value& git) {
    scene.Add(kImageApi, "ImageUpdateAutomation", name, status,
              {{"sourceRef", {{"kind", "GitRepository"}, {"name", "git-basic"}}},
               {"git", git},
               {"update", {{"strategy", "Setters"}, {"path", "./"}}}});
  };
  Value git = {{"checkout", {{"ref", {{"branch", "main"}}}}},
               {"commit", {{"author", {{"name", "Bot"}, {"email", "bot@example.org"}}}}}};
  automate("automation", "True", git);
  scene.AddSecret("signing", {{"git.asc", canaries.New("signing-key")},
                              {"passphrase", canaries.New("signing-passphrase")}});
  git.Ensure("commit").Set("signingKey", {{"secretRef", {{"name", "signing"}}}});
  automate("automation-signing", "False", git);

  scene.AwaitAll();
  scene.Search();
}

}  // namespace
}  // namespace sluice::secrets
