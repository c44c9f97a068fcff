// Controllers that call one another over TLS, with their own tokens.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto_testing/certificates.h"
#include "common/kube/kubeconfig.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);
constexpr char kSource[] = "source-controller";
constexpr char kConsumer[] = "kustomize-controller";

// ca.crt, tls.crt and tls.key of a server at 127.0.0.1, in `folder`.
void WriteCertificates(const TempDir& folder) {
  const auto [authority, server, client] = crypto_testing::IssueCertificates();
  std::ofstream(folder / "ca.crt") << authority.certificate_pem;
  std::ofstream(folder / "tls.crt") << server.certificate_pem;
  std::ofstream(folder / "tls.key") << std::string(server.private_key_pem.Reveal());
}

bool HasSaid(Cluster& cluster, const std::string& program, absl::string_view words) {
  return Eventually(kLimit,
                    [&] { return absl::StrContains(cluster.process(program).Output(), words); });
}

TEST_CASE("artifact events and statuses cross TLS with the controllers' tokens", "[e2e]") {
  const TempDir files;
  WriteCertificates(files);
  const std::string source = absl::StrCat("127.0.0.1:", ReservePort());
  const std::vector<std::string> tls = {"--grpc-tls-cert-file=" + files / "tls.crt",
                                        "--grpc-tls-key-file=" + files / "tls.key"};
  ClusterOptions options;
  options.source_grpc_address = source;
  options.flags[kSource] = tls;
  options.flags[kSource].insert(options.flags[kSource].end(), {"--grpc-addr", source});
  options.flags[kConsumer] = tls;
  options.flags[kConsumer].insert(
      options.flags[kConsumer].end(),
      {"--grpc-ca-file=" + files / "ca.crt", "--sync-status-peers=" + source});
  auto cluster = Cluster::Start(options);
  REQUIRE_THAT(cluster.status(), IsOk());
  CHECK(HasSaid(**cluster, kConsumer, "receiving artifact events"));
  CHECK(HasSaid(**cluster, kConsumer, "showing the peer's objects"));
  CHECK((*cluster)->Casualties() == "");
}

TEST_CASE("the command line asks a controller over TLS, with a token", "[e2e]") {
  const TempDir files;
  WriteCertificates(files);
  const std::string source = absl::StrCat("127.0.0.1:", ReservePort());
  ClusterOptions options;
  options.controllers = {kSource};
  options.flags[kSource] = {"--grpc-tls-cert-file=" + files / "tls.crt",
                            "--grpc-tls-key-file=" + files / "tls.key", "--grpc-addr", source};
  auto cluster = Cluster::Start(options);
  REQUIRE_THAT(cluster.status(), IsOk());
  const auto config = kube::LoadClusterConfig((*cluster)->kubeconfig());
  REQUIRE_THAT(config.status(), IsOk());
  if (config->token.empty()) {
    WARN("skipped: the kubeconfig has no token");
    return;
  }
  std::ofstream(files / "token") << std::string(config->token.Reveal()) << "\n";
  REQUIRE_THAT((*cluster)->Apply(GitRepositoryManifest("repo", (*cluster)->git_url() + "/none")),
               IsOk());
  const std::vector<std::string> get = {Program("sluice"), "get",      "sources", "git", "-n",
                                        (*cluster)->ns(),  "--server", source};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), get.begin(), get.end());
    return Run(more);
  };
  const std::string ca = "--server-ca-file=" + files / "ca.crt";
  const std::string token = "--server-token-file=" + files / "token";
  CHECK(Eventually(kLimit, [&] {
    const auto shown = with({ca, token});
    return shown.ok() && absl::StrContains(*shown, "repo");
  }));
  CHECK(absl::StrContains(with({ca}).status().message(), "token"));
  CHECK(absl::StrContains(with({token}).status().message(), "is not sent in plain text"));
}

TEST_CASE("without the authority or a token nothing is told", "[e2e]") {
  const TempDir files;
  WriteCertificates(files);
  const std::string source = absl::StrCat("127.0.0.1:", ReservePort());
  ClusterOptions options;
  options.source_grpc_address = source;
  options.flags[kSource] = {"--grpc-tls-cert-file=" + files / "tls.crt",
                            "--grpc-tls-key-file=" + files / "tls.key", "--grpc-addr", source};
  auto cluster = Cluster::Start(options);  // kustomize-controller calls in plain text
  REQUIRE_THAT(cluster.status(), IsOk());
  CHECK(HasSaid(**cluster, kConsumer, "no artifact events"));
  CHECK_FALSE(absl::StrContains((*cluster)->process(kConsumer).Output(), "receiving artifact"));
}

}  // namespace
}  // namespace sluice::e2e
