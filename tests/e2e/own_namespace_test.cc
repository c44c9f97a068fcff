// The namespace that the controllers and our objects live in is lost, and the suite is installed
// again (docs/operations.md, "When the suite's namespace is lost"): nothing that users run goes
// with it, or is touched when it comes back.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/kube/object.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(60);
constexpr char kHelmApi[] = "helm.toolkit.fluxcd.io/v2";
const kube::Resource kConfigMaps{"", "v1", "configmaps", "ConfigMap", true};
const std::vector<std::string> kControllers = {"source-controller", "kustomize-controller",
                                               "helm-controller"};

Context Call() { return Context::Background().WithTimeout(absl::Seconds(20)); }

// The suite in its namespace, and what it applied for a user in another.
class Suite {
 public:
  Suite() {
    ClusterOptions options;
    options.controllers = kControllers;
    auto started = Cluster::Start(options);
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
    users_ = cluster_->ns() + "-users";
    AddNamespace(users_);
    git_ = GitRepository::Create(absl::StrCat(cluster_->git_root(), "/repo")).value();
    for (const char* name : {"one", "two"}) {
      git_->Write(absl::StrCat("apps/", name, ".yaml"), ConfigMapYaml(users_, name, "text", "1"));
    }
    git_->Write("chart/Chart.yaml", "apiVersion: v2\nname: app\nversion: 0.1.0\n");
    git_->Write("chart/templates/config.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: released}\ndata: {a: b}\n");
    REQUIRE_THAT(git_->Commit("first").status(), IsOk());
    ApplyObjects();
    AwaitReady();
    uids_ = Uids();
    REQUIRE(uids_.size() == 3);
  }
  // What is not in the cluster's own namespace does not go with it.
  ~Suite() { cluster_->Delete("v1", "Namespace", users_).IgnoreError(); }

  Cluster& cluster() { return *cluster_; }

  void AddNamespace(const std::string& name) {
    REQUIRE_THAT(cluster_->Apply(
                     {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}}),
                 IsOk());
  }
  void ApplyObjects() {
    REQUIRE_THAT(cluster_->Apply(GitRepositoryManifest("repo", cluster_->git_url() + "/repo")),
                 IsOk());
    REQUIRE_THAT(cluster_->Apply(KustomizationManifest("apps", "repo", "./apps")), IsOk());
    REQUIRE_THAT(
        cluster_->Apply({{"apiVersion", kHelmApi},
                         {"kind", "HelmRelease"},
                         {"metadata", {{"name", "app"}}},
                         {"spec",
                          {{"interval", "1m"},
                           {"targetNamespace", users_},
                           {"chart",
                            {{"spec",
                              {{"chart", "chart"},
                               {"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}}}}}}}}}),
        IsOk());
  }
  void AwaitReady() {
    Await("our objects are ready", [this] {
      return ReadyMessage(cluster_->Get(kKustomizeApi, "Kustomization", "apps"), "True") &&
             ReadyMessage(cluster_->Get(kHelmApi, "HelmRelease", "app"), "True");
    });
  }
  void Await(const char* what, const std::function<bool()>& condition) {
    const bool came = Eventually(kLimit, condition);
    CAPTURE(what);
    if (!came) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(came);
  }

  void DeleteNamespace() {
    REQUIRE_THAT(cluster_->Delete("v1", "Namespace", cluster_->ns()), IsOk());
  }
  bool NamespaceIsGone() { return !cluster_->Get("v1", "Namespace", cluster_->ns()).has_value(); }
  void Sluice(std::vector<std::string> words) {
    words.insert(words.begin(), Program("sluice"));
    words.insert(words.end(), {"--kubeconfig", cluster_->kubeconfig()});
    const auto output = Run(words);
    INFO(output.status());
    REQUIRE(output.ok());
  }
  void KillControllers() {
    for (const std::string& name : kControllers) cluster_->Kill(name);
  }
  // The suite and our objects as they were, in a namespace that is new.
  void Reinstall() {
    AddNamespace(cluster_->ns());
    KillControllers();
    for (const std::string& name : kControllers) REQUIRE_THAT(cluster_->Restart(name), IsOk());
    ApplyObjects();
    AwaitReady();
  }

  void CheckUntouched() { CHECK(Uids() == uids_); }
  // Pruning works as before.
  void CheckPrunes() {
    git_->Remove("apps/two.yaml");
    REQUIRE_THAT(git_->Commit("remove").status(), IsOk());
    REQUIRE_THAT(cluster_->Trigger(kSourceApi, "GitRepository", "repo"), IsOk());
    uids_.erase("two");
    Await("what left Git is pruned", [this] { return Uids() == uids_; });
  }

 private:
  // Of what was applied for the user.
  std::map<std::string, std::string> Uids() {
    std::map<std::string, std::string> uids;
    for (const char* name : {"one", "two", "released"}) {
      const auto object = cluster_->client().Get(Call(), kConfigMaps, {users_, name});
      if (object.ok() && !kube::Deleting(*object)) uids[name] = std::string(kube::Uid(*object));
    }
    return uids;
  }

  std::unique_ptr<Cluster> cluster_;
  std::optional<GitRepository> git_;
  std::string users_;
  std::map<std::string, std::string> uids_;
};

TEST_CASE("the suite's namespace is deleted under working controllers, and nothing of the users'",
          "[e2e][drill]") {
  Suite suite;
  suite.DeleteNamespace();
  suite.Await("the namespace is gone", [&] { return suite.NamespaceIsGone(); });
  suite.CheckUntouched();
  suite.Reinstall();
  suite.CheckUntouched();
  suite.CheckPrunes();
}

TEST_CASE("the controllers die with their namespace; uninstalling frees it, and nothing is pruned",
          "[e2e][drill]") {
  Suite suite;
  suite.KillControllers();
  suite.DeleteNamespace();
  // Nobody is left to remove the finalizers.
  suite.Await("the rest of the namespace is gone", [&] {
    const auto object = suite.cluster().Get(kKustomizeApi, "Kustomization", "apps");
    return object.has_value() && kube::Deleting(*object);
  });
  suite.CheckUntouched();
  suite.Sluice({"uninstall", "--silent", "-n", suite.cluster().ns()});
  suite.Await("the namespace is gone", [&] { return suite.NamespaceIsGone(); });
  suite.CheckUntouched();
  suite.Sluice({"apply", "-f", "charts/sluice/crds"});
  suite.Reinstall();
  suite.CheckUntouched();
  suite.CheckPrunes();
}

TEST_CASE("controllers that come back into a namespace that is being deleted prune nothing",
          "[e2e][drill]") {
  Suite suite;
  suite.KillControllers();
  suite.DeleteNamespace();
  for (const std::string& name : kControllers) {
    REQUIRE_THAT(suite.cluster().Restart(name), IsOk());
  }
  suite.Await("the namespace is gone", [&] { return suite.NamespaceIsGone(); });
  suite.CheckUntouched();
}

}  // namespace
}  // namespace sluice::e2e
