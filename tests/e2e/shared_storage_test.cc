// Two source-controllers that share a bucket: one leads, either serves.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/bucket_testing/s3_server.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"

namespace sluice::e2e {
namespace {

using ::sluice::bucket_testing::S3Server;
using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);
constexpr char kFirst[] = "source-controller";
constexpr char kSecond[] = "source-controller#2";

// Everything that kustomize-controller hears and downloads comes from the second replica.
struct Replicas {
  S3Server bucket;
  std::string grpc = absl::StrCat("127.0.0.1:", ReservePort());
  std::string files = absl::StrCat("127.0.0.1:", ReservePort());
  std::unique_ptr<Cluster> cluster;
  std::optional<GitRepository> git;

  Replicas() {
    const std::vector<std::string> shared = {
        "--enable-leader-election",
        "--feature-gates=CacheSecretsAndConfigMaps=true",
        "--leader-election-lease-duration=3s",
        "--leader-election-renew-deadline=2s",
        "--leader-election-retry-period=200ms",
        absl::StrCat("--storage-bucket=", S3Server::kBucket),
        absl::StrCat("--storage-bucket-endpoint=", bucket.endpoint()),
        "--storage-bucket-insecure",
        "--storage-bucket-region=here",
        "--storage-bucket-prefix=flux",
        absl::StrCat("--storage-adv-addr=", files)};
    std::vector<std::string> second = shared;
    second.push_back(absl::StrCat("--storage-addr=", files));
    second.push_back(absl::StrCat("--grpc-addr=", grpc));
    auto started = Cluster::Start({.source_grpc_address = grpc,
                                   .flags = {{kFirst, shared}, {kSecond, second}},
                                   .environment = {{"AWS_ACCESS_KEY_ID", S3Server::kAccessKey},
                                                   {"AWS_SECRET_ACCESS_KEY", S3Server::kSecretKey}},
                                   .controllers = {kFirst, "kustomize-controller"},
                                   .later = {kSecond}});
    INFO(started.status());
    REQUIRE(started.ok());
    cluster = *std::move(started);
    git = GitRepository::Create(absl::StrCat(cluster->git_root(), "/repo")).value();
  }

  std::string Commit(absl::string_view value) {
    git->Write("apps/config.yaml", ConfigMapYaml(cluster->ns(), "config", "value", value));
    return git->Commit("Change").value();
  }
  std::string Revision() {
    const auto repository = cluster->Get(kSourceApi, "GitRepository", "repo");
    return repository.has_value()
               ? std::string((*repository)["status"]["artifact"]["revision"].str())
               : "";
  }
  void RequireLive(const std::string& commit, const std::string& value) {
    const bool live = Eventually(kLimit, [&] {
      const auto app = cluster->Get(kKustomizeApi, "Kustomization", "app");
      const auto config = cluster->Get("v1", "ConfigMap", "config");
      return ReadyMessage(app, "True").has_value() && config.has_value() &&
             absl::EndsWith((*app)["status"]["lastAppliedRevision"].str(), commit) &&
             (*config)["data"]["value"].str() == value;
    });
    if (!live) UNSCOPED_INFO(cluster->Describe());
    REQUIRE(live);
    CHECK(cluster->Casualties() == "");
  }
};

TEST_CASE("replicas that share a bucket all serve, and go on for one another", "[e2e]") {
  Replicas replicas;
  Cluster& cluster = *replicas.cluster;
  const std::string first = replicas.Commit("1");
  REQUIRE_THAT(
      cluster.Apply(GitRepositoryManifest("repo", absl::StrCat(cluster.git_url(), "/repo"), "1h")),
      IsOk());
  REQUIRE_THAT(cluster.Apply(KustomizationManifest("app", "repo", "./apps", "1h")), IsOk());
  // The first replica leads, since it is alone.
  REQUIRE(Eventually(kLimit, [&] { return absl::EndsWith(replicas.Revision(), first); }));
  const std::string prefix = absl::StrCat("flux/gitrepository/", cluster.ns(), "/repo/");
  const auto keys = replicas.bucket.Keys();
  REQUIRE(keys.size() == 1);
  CHECK(absl::StartsWith(keys[0], prefix));

  // The second one does not work, but serves what the first has stored.
  REQUIRE_THAT(cluster.Restart(kSecond), IsOk());
  replicas.RequireLive(first, "1");

  // It takes over.
  cluster.Kill(kFirst);
  const std::string second = replicas.Commit("2");
  REQUIRE_THAT(cluster.Trigger(kSourceApi, "GitRepository", "repo"), IsOk());
  replicas.RequireLive(second, "2");

  // Of a bucket that is lost, everything is made again, at once when asked.
  replicas.bucket.Clear();
  REQUIRE_THAT(cluster.Trigger(kSourceApi, "GitRepository", "repo"), IsOk());
  CHECK(Eventually(kLimit, [&] { return !replicas.bucket.Keys().empty(); }));
  const std::string third = replicas.Commit("3");
  REQUIRE_THAT(cluster.Trigger(kSourceApi, "GitRepository", "repo"), IsOk());
  replicas.RequireLive(third, "3");
}

}  // namespace
}  // namespace sluice::e2e
