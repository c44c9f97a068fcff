// Kustomizations whose objects are in another cluster (spec.kubeConfig), and the ConfigMaps and
// Secrets that wake them.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/kube/http_client.h"
#include "common/kube/kubeconfig.h"
#include "common/kube/object.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);

// Another API server, without any of our kinds.
class RemoteCluster {
 public:
  RemoteCluster() {
    const std::string path = dir_ / "kubeconfig";
    auto started = Process::Start(
        {Program("dev-apiserver"), "--listen", "127.0.0.1:0", "--write-kubeconfig", path},
        dir_ / "remote.log");
    REQUIRE_THAT(started.status(), IsOk());
    process_ = *std::move(started);
    auto text = AwaitFile(path, *process_, absl::Seconds(20));
    REQUIRE_THAT(text.status(), IsOk());
    kubeconfig_ = *std::move(text);
    client_ = kube::CreateHttpClient(kube::ParseKubeconfig(kubeconfig_, "").value()).value();
  }

  const std::string& kubeconfig() const { return kubeconfig_; }

  std::optional<Value> ConfigMap(const std::string& ns, const std::string& name) {
    auto object = client_->Get(Call(), {"", "v1", "configmaps", "ConfigMap", true}, {ns, name});
    if (!object.ok()) return std::nullopt;
    return *std::move(object);
  }
  void AddNamespace(const std::string& name) {
    const Value ns = {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}};
    REQUIRE_THAT(client_->Create(Call(), {"", "v1", "namespaces", "Namespace", false}, ns).status(),
                 IsOk());
  }

 private:
  static Context Call() { return Context::Background().WithTimeout(absl::Seconds(20)); }

  TempDir dir_;
  std::unique_ptr<Process> process_;
  std::string kubeconfig_;
  std::unique_ptr<kube::Client> client_;
};

// A cluster that syncs the folder apps/ of a repository to wherever a test says.
class World {
 public:
  explicit World(const ClusterOptions& options = {}) {
    auto started = Cluster::Start(options);
    REQUIRE_THAT(started.status(), IsOk());
    cluster_ = *std::move(started);
    git_ = std::make_unique<GitRepository>(
        GitRepository::Create(absl::StrCat(cluster_->git_root(), "/repo")).value());
    Commit("config", "1");
    REQUIRE_THAT(cluster_->Apply(GitRepositoryManifest(
                     "repo", absl::StrCat(cluster_->git_url(), "/repo"), "1m")),
                 IsOk());
  }

  Cluster& cluster() { return *cluster_; }
  GitRepository& git() { return *git_; }
  void Commit(absl::string_view name, absl::string_view value) {
    git_->Write(absl::StrCat("apps/", name, ".yaml"),
                ConfigMapYaml(cluster_->ns(), name, "value", value));
    REQUIRE_THAT(git_->Commit("Change").status(), IsOk());
  }
  void Sync() { REQUIRE_THAT(cluster_->Trigger(kSourceApi, "GitRepository", "repo"), IsOk()); }
  // The Kustomization "app" with more fields in its spec.
  void Kustomize(const Value& more) {
    Value object = KustomizationManifest("app", "repo", "./apps", "10m");
    for (const value::Member& member : more.members()) {
      object.Ensure("spec").Set(member.key, member.value);
    }
    REQUIRE_THAT(cluster_->Apply(std::move(object)), IsOk());
  }
  void AddSecret(absl::string_view name, absl::string_view key, absl::string_view text,
                 bool watched = false) {
    Value object = {{"apiVersion", "v1"},
                    {"kind", "Secret"},
                    {"metadata", {{"name", name}}},
                    {"data", {{key, absl::Base64Escape(text)}}}};
    if (watched) kube::SetMetadataEntry(object, "labels", "reconcile.fluxcd.io/watch", "Enabled");
    REQUIRE_THAT(cluster_->Apply(std::move(object)), IsOk());
  }
  // The Ready condition says this, with this status.
  void RequireReady(absl::string_view status, absl::string_view message) {
    std::string last;
    const bool said = Eventually(kLimit, [&] {
      last = ReadyMessage(cluster_->Get(kKustomizeApi, "Kustomization", "app"), status)
                 .value_or("(another status)");
      return absl::StrContains(last, message);
    });
    CAPTURE(message, last);
    if (!said) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(said);
  }
  void Require(const std::function<bool()>& condition) {
    const bool held = Eventually(kLimit, condition);
    if (!held) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(held);
    CHECK(cluster_->Casualties() == "");
  }

 private:
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<GitRepository> git_;
};

Value SecretRef(absl::string_view name) {
  return {{"kubeConfig", {{"secretRef", {{"name", name}}}}}, {"wait", true}};
}

TEST_CASE("objects are applied to, pruned from and deleted in a remote cluster", "[e2e]") {
  World world;
  RemoteCluster remote;
  const std::string ns = world.cluster().ns();
  remote.AddNamespace(ns);
  world.Commit("extra", "1");
  world.Sync();
  world.AddSecret("remote", "value", remote.kubeconfig());
  world.Kustomize(SecretRef("remote"));
  world.RequireReady("True", "Applied revision: main@sha1:");
  REQUIRE(remote.ConfigMap(ns, "config").has_value());
  world.Require([&] { return remote.ConfigMap(ns, "extra").has_value(); });
  CHECK_FALSE(world.cluster().Get("v1", "ConfigMap", "config").has_value());

  world.git().Remove("apps/extra.yaml");
  world.Commit("config", "2");
  world.Sync();
  world.Require([&] {
    const auto config = remote.ConfigMap(ns, "config");
    return config.has_value() && (*config)["data"]["value"].str() == "2" &&
           !remote.ConfigMap(ns, "extra").has_value();
  });

  REQUIRE_THAT(world.cluster().Delete(kKustomizeApi, "Kustomization", "app"), IsOk());
  world.Require([&] {
    return !remote.ConfigMap(ns, "config").has_value() &&
           !world.cluster().Get(kKustomizeApi, "Kustomization", "app").has_value();
  });
}

TEST_CASE("impersonation holds in the remote cluster, too", "[e2e]") {
  World world;
  RemoteCluster remote;
  const std::string ns = world.cluster().ns();
  remote.AddNamespace(ns);
  world.AddSecret("remote", "value", remote.kubeconfig());
  Value more = SecretRef("remote");
  more.Set("serviceAccountName", "tenant");
  world.Kustomize(more);
  world.RequireReady("False", absl::StrCat("system:serviceaccount:", ns, ":tenant"));
  CHECK_FALSE(remote.ConfigMap(ns, "config").has_value());
}

TEST_CASE("a deletion waits for its kubeconfig", "[e2e]") {
  World world;
  RemoteCluster remote;
  const std::string ns = world.cluster().ns();
  remote.AddNamespace(ns);
  world.AddSecret("remote", "value", remote.kubeconfig());
  world.Kustomize(SecretRef("remote"));
  world.RequireReady("True", "Applied revision: main@sha1:");
  REQUIRE_THAT(world.cluster().Delete("v1", "Secret", "remote"), IsOk());
  REQUIRE_THAT(world.cluster().Delete(kKustomizeApi, "Kustomization", "app"), IsOk());
  world.Require([&] {
    return absl::StrContains(world.cluster().process("kustomize-controller").Output(),
                             "unable to read KubeConfig secret");
  });
  CHECK(remote.ConfigMap(ns, "config").has_value());
  world.AddSecret("remote", "value", remote.kubeconfig());
  world.Require([&] {
    return !remote.ConfigMap(ns, "config").has_value() &&
           !world.cluster().Get(kKustomizeApi, "Kustomization", "app").has_value();
  });
}

TEST_CASE("kubeconfigs run nothing, skip no verification and come from their namespace", "[e2e]") {
  World world;
  world.AddSecret("plugin", "value",
                  "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
                  "clusters: [{name: k, cluster: {server: 'https://127.0.0.1:1'}}]\n"
                  "users: [{name: u, user: {exec: {command: /bin/false, apiVersion: "
                  "client.authentication.k8s.io/v1}}}]\n");
  // The plugin is left out, not reported: the connection is what fails.
  world.Kustomize(SecretRef("plugin"));
  world.RequireReady("False", "127.0.0.1:1");

  RemoteCluster remote;
  std::string insecure = remote.kubeconfig();
  const size_t authority = insecure.find("certificate-authority-data:");
  REQUIRE(authority != std::string::npos);
  insecure.replace(authority, insecure.find('\n', authority) - authority,
                   "insecure-skip-tls-verify: true");
  world.AddSecret("insecure", "value", insecure);
  world.Kustomize(SecretRef("insecure"));
  world.RequireReady("False", "certificate");

  world.Kustomize(SecretRef("elsewhere"));
  world.RequireReady("False", "unable to read KubeConfig secret");
  world.Require([&] {
    return absl::StrContains(absl::StrJoin(world.cluster().Events("Kustomization", "app"), "\n"),
                             "failed to build kube client: unable to read KubeConfig secret");
  });
}

TEST_CASE("a service account's token enters a cluster that trusts it", "[e2e]") {
  World world(
      {.flags = {{"kustomize-controller", {"--feature-gates=ObjectLevelWorkloadIdentity=true"}}}});
  Cluster& cluster = world.cluster();
  const std::string ns = cluster.ns();
  // The cluster itself: it trusts the tokens that it makes for its own audience.
  const kube::ClusterConfig self = kube::LoadClusterConfig(cluster.kubeconfig()).value();
  if (self.tls.ca_pem.empty()) {
    WARN("the kubeconfig names no authority, which this needs: not run");
    return;
  }
  REQUIRE_THAT(
      cluster.Apply(
          {{"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", {{"name", "tenant"}}}}),
      IsOk());
  REQUIRE_THAT(cluster.Apply({{"apiVersion", "v1"},
                              {"kind", "ConfigMap"},
                              {"metadata", {{"name", "access"}}},
                              {"data",
                               {{"provider", "generic"},
                                {"address", self.server},
                                {"ca.crt", self.tls.ca_pem},
                                {"audiences", "https://kubernetes.default.svc"},
                                {"serviceAccountName", "tenant"}}}}),
               IsOk());
  const Value more = {{"kubeConfig", {{"configMapRef", {{"name", "access"}}}}}};
  world.Kustomize(more);
  world.RequireReady("False", absl::StrCat("system:serviceaccount:", ns, ":tenant"));

  REQUIRE_THAT(
      cluster.Apply({{"apiVersion", "rbac.authorization.k8s.io/v1"},
                     {"kind", "RoleBinding"},
                     {"metadata", {{"name", "tenant"}}},
                     {"roleRef",
                      {{"apiGroup", "rbac.authorization.k8s.io"},
                       {"kind", "ClusterRole"},
                       {"name", "cluster-admin"}}},
                     {"subjects",
                      Value(Value::Array{Value(
                          {{"kind", "ServiceAccount"}, {"name", "tenant"}, {"namespace", ns}})})}}),
      IsOk());
  world.RequireReady("True", "Applied revision: main@sha1:");
  CHECK(cluster.Get("v1", "ConfigMap", "config").has_value());
}

TEST_CASE("a labelled ConfigMap or Secret wakes who refers to it", "[e2e]") {
  World world;
  Cluster& cluster = world.cluster();
  world.Commit("config", "${a}-${b}");
  world.Sync();
  const auto config = [&](absl::string_view value) -> Value {
    Value object = {{"apiVersion", "v1"},
                    {"kind", "ConfigMap"},
                    {"metadata", {{"name", "vars"}}},
                    {"data", {{"a", value}}}};
    kube::SetMetadataEntry(object, "labels", "reconcile.fluxcd.io/watch", "Enabled");
    return object;
  };
  const auto applied = [&] {
    const auto object = cluster.Get("v1", "ConfigMap", "config");
    return object.has_value() ? std::string((*object)["data"]["value"].str()) : "";
  };
  REQUIRE_THAT(cluster.Apply(config("1")), IsOk());
  world.AddSecret("more", "b", "x", /*watched=*/true);
  Value from = Value::EmptyArray();
  from.Append({{"kind", "ConfigMap"}, {"name", "vars"}});
  from.Append({{"kind", "Secret"}, {"name", "more"}, {"optional", true}});
  world.Kustomize({{"postBuild", {{"substitute", {{"b", "none"}}}, {"substituteFrom", from}}}});
  world.Require([&] { return applied() == "1-none"; });
  // Its interval is ten minutes.
  REQUIRE_THAT(cluster.Apply(config("2")), IsOk());
  world.Require([&] { return applied() == "2-none"; });

  world.Kustomize({{"postBuild", {{"substituteFrom", from}}}});
  world.Require([&] { return applied() == "2-x"; });
  world.AddSecret("more", "b", "y", /*watched=*/true);
  world.Require([&] { return applied() == "2-y"; });
  REQUIRE_THAT(cluster.Delete("v1", "ConfigMap", "vars"), IsOk());
  world.RequireReady("False", "substitute from 'ConfigMap/vars' error");
}

}  // namespace
}  // namespace sluice::e2e
