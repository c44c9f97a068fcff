// The loop as a user sees it: commit, artifact, applied object, Ready; and what may go wrong in it.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/kube/object.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);
constexpr char kConfig[] = "apps/config.yaml";

// A cluster that syncs the folder apps/ of a repository, with one ConfigMap "config" in it.
class Loop {
 public:
  explicit Loop(const ClusterOptions& options = {}, absl::string_view interval = "1m") {
    auto started = Cluster::Start(options);
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
    auto made = GitRepository::Create(absl::StrCat(cluster_->git_root(), "/repo"));
    INFO(made.status());
    REQUIRE(made.ok());
    git_ = std::make_unique<GitRepository>(*std::move(made));
    Commit("1");
    REQUIRE_THAT(cluster_->Apply(GitRepositoryManifest(
                     "repo", absl::StrCat(cluster_->git_url(), "/repo"), interval)),
                 IsOk());
    REQUIRE_THAT(cluster_->Apply(KustomizationManifest("app", "repo", "./apps", interval)), IsOk());
  }

  Cluster& cluster() { return *cluster_; }
  GitRepository& git() { return *git_; }

  // Commits the ConfigMap with `value`; the commit id.
  std::string Commit(absl::string_view value) {
    git_->Write(kConfig, ConfigMapYaml(cluster_->ns(), "config", "value", value));
    return CommitAll();
  }
  std::string CommitAll() {
    auto id = git_->Commit("Change");
    INFO(id.status());
    REQUIRE(id.ok());
    return *std::move(id);
  }
  void Trigger() { REQUIRE_THAT(cluster_->Trigger(kSourceApi, "GitRepository", "repo"), IsOk()); }

  std::string Value() {
    const auto config = cluster_->Get("v1", "ConfigMap", "config");
    return config.has_value() ? std::string((*config)["data"]["value"].str()) : "";
  }

  // The Kustomization is Ready at a revision of `commit`.
  bool ReadyAt(absl::string_view commit) {
    const auto app = cluster_->Get(kKustomizeApi, "Kustomization", "app");
    return ReadyMessage(app, "True").has_value() &&
           absl::EndsWith((*app)["status"]["lastAppliedRevision"].str(), commit);
  }
  void RequireLive(const std::string& commit, const std::string& value) {
    const bool live = Eventually(kLimit, [&] { return ReadyAt(commit) && Value() == value; });
    CAPTURE(commit, value, Value());
    if (!live) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(live);
    CHECK(cluster_->Casualties() == "");
  }

 private:
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<GitRepository> git_;
};

TEST_CASE("a commit becomes an artifact, an applied object and Ready", "[e2e]") {
  Loop loop;
  const std::string first = loop.Commit("first");
  loop.Trigger();
  loop.RequireLive(first, "first");

  const auto repository = loop.cluster().Get(kSourceApi, "GitRepository", "repo");
  REQUIRE(repository.has_value());
  const auto& artifact = (*repository)["status"]["artifact"];
  CHECK(artifact["revision"].str() == absl::StrCat("main@sha1:", first));
  CHECK(absl::StartsWith(artifact["digest"].str(), "sha256:"));
  CHECK(ReadyMessage(repository, "True").has_value());

  const auto app = loop.cluster().Get(kKustomizeApi, "Kustomization", "app");
  REQUIRE((*app)["status"]["inventory"]["entries"].size() == 1);
  CHECK((*app)["status"]["inventory"]["entries"].at(0)["id"].str() ==
        absl::StrCat(loop.cluster().ns(), "_config__ConfigMap"));
  const auto config = loop.cluster().Get("v1", "ConfigMap", "config");
  CHECK(kube::Label(*config, "kustomize.toolkit.fluxcd.io/name") == "app");

  // Without waiting for an interval of the Kustomization: the artifact event wakes it.
  const std::string second = loop.Commit("2");
  loop.Trigger();
  loop.RequireLive(second, "2");
  CHECK(Eventually(kLimit, [&] {
    return absl::StrContains(absl::StrJoin(loop.cluster().Events("Kustomization", "app"), "\n"),
                             "Normal ReconciliationSucceeded");
  }));
}

TEST_CASE("what leaves the repository leaves the cluster", "[e2e]") {
  Loop loop;
  loop.git().Write("apps/extra.yaml", ConfigMapYaml(loop.cluster().ns(), "extra", "a", "b"));
  std::string commit = loop.CommitAll();
  loop.Trigger();
  loop.RequireLive(commit, "1");
  REQUIRE(loop.cluster().Get("v1", "ConfigMap", "extra").has_value());

  loop.git().Remove("apps/extra.yaml");
  commit = loop.CommitAll();
  loop.Trigger();
  loop.RequireLive(commit, "1");
  CHECK(Eventually(kLimit,
                   [&] { return !loop.cluster().Get("v1", "ConfigMap", "extra").has_value(); }));

  // And with the Kustomization everything that it applied.
  REQUIRE_THAT(loop.cluster().Delete(kKustomizeApi, "Kustomization", "app"), IsOk());
  CHECK(Eventually(kLimit, [&] {
    return !loop.cluster().Get(kKustomizeApi, "Kustomization", "app").has_value() &&
           loop.Value().empty();
  }));
}

TEST_CASE("drift is corrected at the next interval", "[e2e]") {
  Loop loop({}, "2s");
  REQUIRE(Eventually(kLimit, [&] { return loop.Value() == "1"; }));
  REQUIRE_THAT(loop.cluster().Edit("v1", "ConfigMap", "config",
                                   {{"data", {{"value", "drift"}, {"mine", "stays"}}}}),
               IsOk());
  CHECK(Eventually(kLimit, [&] { return loop.Value() == "1"; }));

  // Deleted by hand, it comes back.
  REQUIRE_THAT(loop.cluster().Delete("v1", "ConfigMap", "config"), IsOk());
  CHECK(Eventually(kLimit, [&] { return loop.Value() == "1"; }));
  CHECK(loop.cluster().Casualties() == "");
}

TEST_CASE("a process that is killed in the middle loses nothing", "[e2e]") {
  Loop loop;
  loop.RequireLive("", "1");
  int number = 1;
  for (const char* name : {"source-controller", "kustomize-controller", "git-server"}) {
    CAPTURE(name);
    // Gone before the commit: it hears of it only by what it finds when it is back.
    loop.cluster().Kill(name);
    std::string value = absl::StrCat(++number);
    std::string commit = loop.Commit(value);
    loop.Trigger();
    REQUIRE_THAT(loop.cluster().Restart(name), IsOk());
    loop.RequireLive(commit, value);

    // Gone at work: the commit is under way.
    value = absl::StrCat(++number);
    commit = loop.Commit(value);
    loop.Trigger();
    loop.cluster().Kill(name);
    REQUIRE_THAT(loop.cluster().Restart(name), IsOk());
    loop.RequireLive(commit, value);
  }
}

TEST_CASE("without the gRPC channel syncing goes on through watches", "[e2e]") {
  // Nobody listens there.
  Loop loop({.source_grpc_address = absl::StrCat("127.0.0.1:", ReservePort())});
  loop.RequireLive("", "1");
  const std::string commit = loop.Commit("2");
  loop.Trigger();
  loop.RequireLive(commit, "2");
}

}  // namespace
}  // namespace sluice::e2e
