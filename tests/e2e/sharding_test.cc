// Replicas of kustomize-controller that divide the Kustomizations, and are
// killed, stopped and started at random meanwhile.
//
//   build/release/tests/e2e_test "[.full-sharding]"    10,000 Kustomizations,
//   10 minutes

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/random/distributions.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/clock.h"
#include "common/kube/object.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"
#include "tests/e2e/reconcile_log.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

const kube::Resource kKustomizations{"kustomize.toolkit.fluxcd.io", "v1",
                                     "kustomizations", "Kustomization", true};
const kube::Resource kLeases{"coordination.k8s.io", "v1", "leases", "Lease",
                             true};
const std::vector<std::string> kReplicas = {
    "kustomize-controller", "kustomize-controller#2", "kustomize-controller#3"};

std::string NameOf(int i) { return absl::StrFormat("app-%05d", i); }

class Scene {
public:
  Scene(int objects, absl::Duration patience)
      : objects_(objects), patience_(patience) {
    ClusterOptions options;
    options.controllers = {"source-controller"};
    for (const std::string &replica : kReplicas) {
      options.controllers.push_back(replica);
      options.flags[replica] = {"--sharding", "--log-level=debug",
                                "--concurrent=10"};
    }
    cluster_ = Cluster::Start(options).value();
    git_.emplace(
        GitRepository::Create(absl::StrCat(cluster_->git_root(), "/repo"))
            .value());
    running_ = {kReplicas.begin(), kReplicas.end()};
  }

  Cluster &cluster() { return *cluster_; }

  void Install() {
    revision_ = Commit("first");
    REQUIRE_THAT(cluster_->Apply(GitRepositoryManifest(
                     "repo", absl::StrCat(cluster_->git_url(), "/repo"), "1h")),
                 IsOk());
    for (int i = 0; i < objects_; ++i) {
      Value object = KustomizationManifest(NameOf(i), "repo", "./app", "1h");
      object.Ensure("spec")
          .Ensure("postBuild")
          .Ensure("substitute")
          .Set("name", NameOf(i));
      REQUIRE_THAT(cluster_->Apply(object), IsOk());
    }
    AwaitRevision();
  }

  // Another commit, which reaches every Kustomization.
  void Push(const std::string &text) {
    revision_ = Commit(text);
    REQUIRE_THAT(cluster_->Trigger(kSourceApi, "GitRepository", "repo"),
                 IsOk());
  }
  void AwaitRevision() {
    int done = 0;
    const bool all = Eventually(patience_, [&] {
      const auto list = cluster_->client().List(
          Context::Background().WithTimeout(absl::Seconds(60)), kKustomizations,
          cluster_->ns());
      if (!list.ok())
        return false;
      done = 0;
      for (const Value &object : list->items) {
        if (ReadyMessage(object, "True").has_value() &&
            absl::EndsWith(object["status"]["lastAppliedRevision"].str(),
                           revision_)) {
          ++done;
        }
      }
      return done == objects_;
    });
    INFO(done << " of " << objects_ << " are at " << revision_);
    INFO(cluster_->Describe());
    REQUIRE(all);
  }

  // Kills or stops one replica, unless it is the last, or starts one again.
  void Disturb(std::mt19937 &random) {
    const std::string &name = kReplicas[random() % kReplicas.size()];
    if (!running_.contains(name)) {
      Revive(name);
    } else if (running_.size() > 1 && random() % 3 == 0) {
      REQUIRE_THAT(
          cluster_->process(name).End(SIGTERM, absl::Seconds(20)).status(),
          IsOk());
      running_.erase(name);
    } else if (running_.size() > 1) {
      Kill(name);
    }
  }
  void Kill(const std::string &name) {
    cluster_->Kill(name);
    running_.erase(name);
  }
  void ReviveAll() {
    for (const std::string &name : kReplicas) {
      if (!running_.contains(name))
        Revive(name);
    }
  }

  // Until all leases are short again: they grow with the time in which the API
  // server answers.
  void AwaitShortLeases() {
    REQUIRE(Eventually(patience_, [&] {
      const auto leases = cluster_->client().List(
          Context::Background(), kLeases, "",
          {.label_selector = "sluice.dev/replica-of=kustomize-controller"});
      if (!leases.ok() || leases->items.size() != kReplicas.size())
        return false;
      return std::all_of(
          leases->items.begin(), leases->items.end(), [](const Value &lease) {
            return kube::Annotation(lease, "sluice.dev/lease-milliseconds") ==
                   "750";
          });
    }));
  }

  // How long after the death of a replica everything is reconciled again on
  // demand.
  absl::Duration TakeOver() {
    Kill(kReplicas.back());
    const absl::Time killed = absl::Now();
    constexpr int kAsked = 30;
    for (int i = 0; i < kAsked; ++i) {
      REQUIRE_THAT(cluster_->Trigger(kKustomizeApi, "Kustomization",
                                     NameOf(i % objects_)),
                   IsOk());
    }
    REQUIRE(Eventually(patience_, [&] {
      for (int i = 0; i < kAsked; ++i) {
        const auto object =
            cluster_->Get(kKustomizeApi, "Kustomization", NameOf(i % objects_));
        if (!object.has_value() ||
            (*object)["metadata"]["annotations"]
                     ["reconcile.fluxcd.io/requestedAt"]
                         .str() !=
                (*object)["status"]["lastHandledReconcileAt"].str()) {
          return false;
        }
      }
      return true;
    }));
    return absl::Now() - killed;
  }

  ReconcileLog Logs() {
    std::vector<std::string> outputs;
    for (const std::string &name : kReplicas)
      outputs.push_back(cluster_->process(name).Output());
    return ReadReconcileLogs(outputs);
  }

private:
  std::string Commit(const std::string &text) {
    git_->Write("app/app.yaml",
                ConfigMapYaml(cluster_->ns(), "${name}", "text", text));
    return git_->Commit(text).value();
  }
  void Revive(const std::string &name) {
    REQUIRE_THAT(cluster_->Restart(name), IsOk());
    running_.insert(name);
  }

  const int objects_;
  const absl::Duration patience_;
  std::unique_ptr<Cluster> cluster_;
  std::optional<GitRepository> git_;
  std::string revision_;
  std::set<std::string> running_;
};

void Run(int objects, absl::Duration length, absl::Duration between,
         absl::Duration patience) {
  const unsigned seed = 20261123;
  INFO("seed " << seed);
  std::mt19937 random(seed);
  Scene scene(objects, patience);
  const absl::Time start = absl::Now();
  scene.Install();
  const absl::Duration installed = absl::Now() - start;
  int disturbed = 0, pushed = 0;
  for (const absl::Time begin = absl::Now(); absl::Now() - begin < length;) {
    if (random() % 4 == 0) {
      scene.Push(absl::StrCat("push ", ++pushed));
    } else {
      scene.Disturb(random);
      ++disturbed;
    }
    RealClock()
        .Sleep(Context::Background(), between * absl::Uniform(random, 0.0, 2.0))
        .IgnoreError();
  }
  scene.ReviveAll();
  scene.Push("last");
  scene.AwaitRevision(); // none was missed
  scene.AwaitShortLeases();
  const absl::Duration taken_over = scene.TakeOver();
  const ReconcileLog log = scene.Logs();
  WARN(objects << " Kustomizations, " << kReplicas.size()
               << " replicas: installed after "
               << absl::FormatDuration(installed) << ", " << disturbed
               << " deaths and starts, " << pushed << " commits, " << log.calls
               << " reconciliations, " << log.overlaps.size()
               << " at once; on demand after a death: "
               << absl::FormatDuration(taken_over));
  CHECK(log.calls >= 2 * objects);
  CHECK(absl::StrJoin(log.overlaps, "\n") == "");
  CHECK(taken_over <
        absl::Seconds(5)); // about a second where nothing else is to be done
}

TEST_CASE("replicas share the Kustomizations, whoever dies",
          "[e2e][sharding]") {
  Run(60, absl::Seconds(8), absl::Milliseconds(400), absl::Minutes(1));
}

TEST_CASE("replicas share 10,000 Kustomizations, whoever dies",
          "[.full-sharding]") {
  Run(10000, absl::Minutes(10), absl::Seconds(5), absl::Minutes(10));
}

} // namespace
} // namespace sluice::e2e
