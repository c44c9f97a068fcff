// kill -9 of kustomize-controller at random points of apply, prune, health check and status: after
// a restart the cluster is what Git says, and nothing was deleted that should live.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/kube/object.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::crash {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(30);
constexpr const char* kApps[] = {"one", "two", "three"};
constexpr int kObjects = 6;

class Syncing {
 public:
  Syncing() {
    auto started = e2e::Cluster::Start({});
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
    git_ = std::make_unique<e2e::GitRepository>(
        e2e::GitRepository::Create(cluster_->git_root() + "/repo").value());
    Change(0);
    REQUIRE(cluster_
                ->Apply(e2e::GitRepositoryManifest(
                    "repo", absl::StrCat(cluster_->git_url(), "/repo"), "1h"))
                .ok());
    for (const char* app : kApps) {
      Value object = e2e::KustomizationManifest(app, "repo", absl::StrCat("./", app), "1h");
      object.Ensure("spec").Set("wait", true);
      REQUIRE(cluster_->Apply(object).ok());
    }
    Converge();
    for (const std::string& name : Immortal()) uids_[name] = UidOf(name);
  }

  // Kills the controller `delay` after a commit has become an artifact.
  void Round(int round, absl::Duration delay) {
    CAPTURE(round, delay);
    Change(round);
    REQUIRE(cluster_->Trigger(e2e::kSourceApi, "GitRepository", "repo").ok());
    REQUIRE(e2e::Eventually(kLimit, [&] {
      const auto source = cluster_->Get(e2e::kSourceApi, "GitRepository", "repo");
      return source.has_value() &&
             absl::EndsWith((*source)["status"]["artifact"]["revision"].str(), commit_);
    }));
    REQUIRE(RealClock().Sleep(Context::Background(), delay).ok());
    cluster_->Kill("kustomize-controller");
    REQUIRE(cluster_->Restart("kustomize-controller").ok());
    Converge();
    for (const auto& [name, uid] : uids_) {
      CAPTURE(name);
      CHECK(UidOf(name) == uid);
    }
  }

 private:
  static std::string Name(const char* app, int i) { return absl::StrCat(app, "-", i); }

  // What is never missing from Git, wherever it lies.
  static std::vector<std::string> Immortal() {
    std::vector<std::string> names = {"moving"};
    for (const char* app : kApps) names.push_back(Name(app, 0));
    return names;
  }

  // Every object gets other data; some come, some go, and one moves to another folder.
  void Change(int round) {
    wanted_.clear();
    const auto write = [&](const char* app, const std::string& name) {
      git_->Write(absl::StrCat(app, "/", name, ".yaml"),
                  e2e::ConfigMapYaml(cluster_->ns(), name, "round", absl::StrCat(round)));
      wanted_[name] = app;
    };
    for (int a = 0; a < 3; ++a) {
      for (int i = 0; i < kObjects; ++i) {
        const std::string name = Name(kApps[a], i);
        if (i == 0 || (round + i + a) % 3 != 0) {
          write(kApps[a], name);
        } else if (round > 0) {
          git_->Remove(absl::StrCat(kApps[a], "/", name, ".yaml"));
        }
      }
    }
    if (round > 0) git_->Remove(absl::StrCat(kApps[(round - 1) % 3], "/moving.yaml"));
    write(kApps[round % 3], "moving");
    commit_ = git_->Commit(absl::StrCat("round ", round)).value();
    round_ = round;
  }

  std::string UidOf(const std::string& name) {
    const auto object = cluster_->Get("v1", "ConfigMap", name);
    return object.has_value() ? std::string(kube::Uid(*object)) : "";
  }

  // The ConfigMaps of all Kustomizations are those in Git, as they are there.
  bool IsAsInGit() {
    static const kube::Resource kConfigMaps{"", "v1", "configmaps", "ConfigMap", true};
    const auto list = cluster_->client().List(
        Context::Background().WithTimeout(kLimit), kConfigMaps, cluster_->ns(),
        {.label_selector = "kustomize.toolkit.fluxcd.io/name"});
    if (!list.ok() || list->items.size() != wanted_.size()) return false;
    for (const Value& object : list->items) {
      const auto wanted = wanted_.find(std::string(kube::Name(object)));
      if (wanted == wanted_.end() || object["data"]["round"].str() != absl::StrCat(round_) ||
          kube::Label(object, "kustomize.toolkit.fluxcd.io/name") != wanted->second) {
        return false;
      }
    }
    return true;
  }

  // Every Kustomization is Ready at the commit and knows its objects, no more and no less.
  bool AllReady() {
    size_t known = 0;
    for (const char* app : kApps) {
      const auto object = cluster_->Get(e2e::kKustomizeApi, "Kustomization", app);
      if (!e2e::ReadyMessage(object, "True").has_value() ||
          !absl::EndsWith((*object)["status"]["lastAppliedRevision"].str(), commit_)) {
        return false;
      }
      known += (*object)["status"]["inventory"]["entries"].size();
    }
    return known == wanted_.size();
  }

  void Converge() {
    const bool there = e2e::Eventually(kLimit, [&] { return AllReady() && IsAsInGit(); });
    if (!there) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(there);
    CHECK(cluster_->Casualties() == "");
  }

  std::unique_ptr<e2e::Cluster> cluster_;
  std::unique_ptr<e2e::GitRepository> git_;
  std::map<std::string, std::string> wanted_;  // name -> whose it is
  std::map<std::string, std::string> uids_;    // of what must never be deleted
  std::string commit_;
  int round_ = 0;
};

void Run(int rounds) {
  const char* given = std::getenv("SLUICE_TEST_SEED");
  uint64_t seed = 20260101;
  if (given != nullptr) REQUIRE(absl::SimpleAtoi(given, &seed));
  WARN(rounds << " kills, SLUICE_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  Syncing syncing;
  for (int round = 1; round <= rounds; ++round) {
    syncing.Round(round, absl::Milliseconds(static_cast<int64_t>(random() % 150)));
  }
}

TEST_CASE("kustomize-controller killed at any point loses and deletes nothing", "[crash]") {
  Run(15);
}

TEST_CASE("kustomize-controller killed at 500 points", "[.full-kustomize]") { Run(500); }

}  // namespace
}  // namespace sluice::crash
