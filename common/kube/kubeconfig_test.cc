// SPDX-License-Identifier: Apache-2.0
#include "common/kube/kubeconfig.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::kube {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

std::string Kubeconfig(absl::string_view cluster, absl::string_view user) {
  return absl::StrCat(
      "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u, namespace: n}}]\n"
      "clusters: [{name: k, cluster: {server: 'https://example.com:6443/', ",
      cluster, "}}]\nusers: [{name: u, user: {", user, "}}]\n");
}

TEST_CASE("what a foreign kubeconfig brings along is used", "[kube]") {
  const auto config = ParseForeignKubeconfig(
      Kubeconfig("certificate-authority-data: Y2E=, tls-server-name: other, "
                 "proxy-url: 'http://proxy:3128'",
                 "client-certificate-data: Y2VydA==, client-key-data: a2V5, token: t, "
                 "username: me, password: p"),
      false);
  REQUIRE_THAT(config.status(), IsOk());
  CHECK(config->server == "https://example.com:6443");
  CHECK(config->tls.ca_pem == "ca");
  CHECK(config->tls.server_name == "other");
  CHECK(config->tls.certificate_pem == "cert");
  CHECK(config->tls.private_key_pem.Reveal() == "key");
  CHECK(config->token.Reveal() == "t");
  CHECK(config->username == "me");
  CHECK(config->password.Reveal() == "p");
  CHECK(config->proxy_url == "http://proxy:3128");
  CHECK(config->ns == "n");
}

TEST_CASE("a foreign kubeconfig reads no files and runs no programs", "[kube]") {
  const auto config = ParseForeignKubeconfig(
      Kubeconfig("certificate-authority: /etc/passwd",
                 "client-certificate: /etc/passwd, client-key: /etc/passwd, tokenFile: "
                 "/etc/passwd, exec: {command: /bin/sh, apiVersion: "
                 "client.authentication.k8s.io/v1}, auth-provider: {name: gcp}, as: somebody"),
      true);
  REQUIRE_THAT(config.status(), IsOk());
  CHECK(config->tls.ca_pem.empty());
  CHECK(config->tls.certificate_pem.empty());
  CHECK(config->tls.private_key_pem.empty());
  CHECK(config->token_file.empty());
  CHECK(config->token.empty());
}

TEST_CASE("a foreign kubeconfig switches verification off only if that is allowed", "[kube]") {
  const std::string text = Kubeconfig("insecure-skip-tls-verify: true", "token: t");
  CHECK_FALSE(ParseForeignKubeconfig(text, false)->tls.insecure_skip_verify);
  CHECK(ParseForeignKubeconfig(text, true)->tls.insecure_skip_verify);
  CHECK(ParseKubeconfig(text, "")->tls.insecure_skip_verify);
}

TEST_CASE("what is no kubeconfig is refused", "[kube]") {
  struct Row {
    std::string text;
    const char* message;
  };
  const Row rows[] = {
      {"", "names no current-context"},
      {"current-context: x", "no entry \"x\" under contexts"},
      {"a: [", "not valid YAML"},
      {"current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n"
       "clusters: [{name: k, cluster: {server: 'ftp://x'}}]",
       "no http(s) URL"},
      {Kubeconfig("certificate-authority-data: '?'", "token: t"), "is not base64"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK_THAT(ParseForeignKubeconfig(row.text, false).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
  CHECK_THAT(ParseForeignKubeconfig(std::string(size_t{2} << 20, ' '), false).status(),
             StatusIs(absl::StatusCode::kResourceExhausted));
  // The administrator's own file is told what is wrong with it.
  CHECK_THAT(ParseKubeconfig(Kubeconfig("", "exec: {command: x}"), "").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "plugin"));
}

}  // namespace
}  // namespace sluice::kube
