// SPDX-License-Identifier: Apache-2.0
#include "common/remote_cluster/clusters.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "common/kube_testing/api_server.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"
#include "common/value/yaml.h"

namespace sluice::remote_cluster {
namespace {

using ::sluice::testing::FakeClock;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

std::string Kubeconfig(absl::string_view server) {
  return absl::StrCat(
      "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
      "clusters: [{name: k, cluster: {server: '",
      server, "'}}]\nusers: [{name: u, user: {token: t, exec: {command: /bin/false}}}]\n");
}

class World {
 public:
  World() {
    options.workload_identity = true;
    transport_ = http::CreateClient({}).value();
    clusters_ = std::make_unique<Clusters>(
        Cluster{api.client(), api.discovery()},
        cloud_identity::Services{api.client(), *transport_, environment_, clock}, tokens_, options);
  }

  void AddSecret(const std::string& name, const std::string& key, const std::string& text) {
    api.Write(
        absl::StrCat("apiVersion: v1\nkind: Secret\nmetadata: {name: ", name,
                     ", namespace: default}\ndata: {", key, ": ", absl::Base64Escape(text), "}\n"),
        "test");
  }
  void AddConfigMap(const std::string& name, const std::string& data) {
    api.Write(absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ", name,
                           ", namespace: default}\ndata: {", data, "}\n"),
              "test");
  }
  void AddAccount(const std::string& name) {
    api.Write(absl::StrCat("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ", name,
                           ", namespace: default}\n"),
              "test");
  }

  // Of an object in namespace "default" whose spec.kubeConfig is this YAML.
  absl::StatusOr<ClusterPtr> Of(const std::string& kube_config) {
    return clusters_->Of(api.ctx(), "default", value::ParseYaml(kube_config).value());
  }
  Clusters& clusters() { return *clusters_; }

  kube_testing::ApiServer api;
  FakeClock clock;
  Options options;

 private:
  const cloud_identity::Environment environment_ = {
      [](absl::string_view) { return std::string(); },
      [](const std::string& path) -> absl::StatusOr<std::string> {
        return absl::NotFoundError(path);
      }};
  cloud_identity::TokenCache tokens_{{}, clock};
  std::unique_ptr<http::Transport> transport_;
  std::unique_ptr<Clusters> clusters_;
};

TEST_CASE("without a kubeConfig the cluster is the controller's own", "[unit]") {
  World world;
  const auto own = world.Of("null");
  REQUIRE_THAT(own.status(), IsOk());
  CHECK((*own)->id.empty());
  CHECK(&(*own)->client == &world.api.client());
  CHECK(world.clusters().size() == 0);
}

TEST_CASE("a kubeconfig is found under its key, or the usual ones", "[unit]") {
  World world;
  world.AddSecret("usual", "value", Kubeconfig("https://a"));
  world.AddSecret("yaml", "value.yaml", Kubeconfig("https://a"));
  world.AddSecret("named", "mine", Kubeconfig("https://a"));
  const auto usual = world.Of("secretRef: {name: usual}");
  REQUIRE_THAT(usual.status(), IsOk());
  CHECK_FALSE((*usual)->id.empty());
  // The same configuration is the same cluster, wherever it stands.
  CHECK(world.Of("secretRef: {name: usual}").value() == *usual);
  CHECK(world.Of("secretRef: {name: yaml}").value() == *usual);
  CHECK(world.Of("secretRef: {name: named, key: mine}").value() == *usual);
  CHECK(world.clusters().size() == 1);

  world.AddSecret("usual", "value", Kubeconfig("https://b"));
  const auto other = world.Of("secretRef: {name: usual}");
  REQUIRE_THAT(other.status(), IsOk());
  CHECK((*other)->id != (*usual)->id);
  CHECK(Target(*other, "").actor() != Target(*usual, "").actor());
  CHECK(Target(*other, "").actor() != Target(*other, "somebody").actor());
}

TEST_CASE("what is wrong with a kubeConfig is told as Flux tells it", "[unit]") {
  World world;
  world.AddSecret("empty", "other", "text");
  world.AddSecret("broken", "value", "a: [");
  world.AddConfigMap("unknown", "provider: other");
  world.AddConfigMap("http", "provider: generic, address: 'http://a'");
  world.AddConfigMap("nobody", "provider: generic, address: a, serviceAccountName: nobody");
  struct Row {
    const char* kube_config;
    const char* message;
  };
  const Row rows[] = {
      {"secretRef: {name: nope}",
       "unable to read KubeConfig secret 'default/nope' error: secrets \"nope\" not found"},
      {"secretRef: {name: empty}",
       "KubeConfig secret 'default/empty' does not contain a 'value' key with a kubeconfig"},
      {"secretRef: {name: empty, key: mine}",
       "KubeConfig secret 'default/empty' does not contain a 'mine' key with a kubeconfig"},
      {"secretRef: {name: broken}", "KubeConfig secret 'default/broken': kubeconfig is not valid"},
      {"configMapRef: {name: nope}",
       "failed to get configmap default/nope: configmaps \"nope\" not found"},
      {"configMapRef: {name: unknown}", "provider 'other' not implemented"},
      {"configMapRef: {name: http}", "must use https scheme"},
      {"configMapRef: {name: nobody}", "failed to get service account 'default/nobody'"},
      {"{}", "exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.kube_config);
    const absl::Status status = world.Of(row.kube_config).status();
    CHECK_FALSE(status.ok());
    CHECK(absl::StrContains(std::string(status.message()), row.message));
  }
  CHECK(world.clusters().size() == 0);
}

TEST_CASE("identities of service accounts need the feature gate", "[unit]") {
  World world;
  world.AddAccount("tenant");
  world.AddConfigMap("named", "provider: generic, address: a, serviceAccountName: tenant");
  world.AddConfigMap("unnamed", "provider: generic, address: a");
  REQUIRE_THAT(world.Of("configMapRef: {name: named}").status(), IsOk());
  // The controller's own identity; there is none here.
  CHECK_THAT(world.Of("configMapRef: {name: unnamed}").status(),
             StatusIs(absl::StatusCode::kNotFound, "service account token file"));

  world.options.default_service_account = "tenant";
  CHECK(world.Of("configMapRef: {name: unnamed}").value() ==
        world.Of("configMapRef: {name: named}").value());
  world.options.default_service_account = "missing";
  CHECK_THAT(world.Of("configMapRef: {name: unnamed}").status(),
             StatusIs(absl::StatusCode::kNotFound,
                      "failed to get service account 'default/missing': the specified default "
                      "service account does not exist in the object namespace. your cluster is "
                      "subject to multi-tenant workload identity lockdown"));

  world.options.workload_identity = false;
  CHECK_THAT(world.Of("configMapRef: {name: named}").status(),
             StatusIs(absl::StatusCode::kFailedPrecondition,
                      "ObjectLevelWorkloadIdentity feature gate is not enabled"));
}

TEST_CASE("a changed service account is another identity", "[unit]") {
  World world;
  world.AddAccount("tenant");
  world.AddConfigMap("named", "provider: generic, address: a, serviceAccountName: tenant");
  const auto before = world.Of("configMapRef: {name: named}");
  REQUIRE_THAT(before.status(), IsOk());
  world.api.Write(
      "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: tenant, namespace: default, "
      "annotations: {role: other}}\n",
      "test");
  CHECK((*world.Of("configMapRef: {name: named}"))->id != (*before)->id);
}

TEST_CASE("clusters that nobody uses are forgotten, and never too many are known", "[unit]") {
  World world;
  world.AddSecret("a", "value", Kubeconfig("https://a"));
  world.AddSecret("b", "value", Kubeconfig("https://b"));
  const ClusterPtr held = world.Of("secretRef: {name: a}").value();
  world.clock.Advance(Clusters::kMaxIdle / 2);
  REQUIRE_THAT(world.Of("secretRef: {name: b}").status(), IsOk());
  CHECK(world.clusters().size() == 2);
  world.clock.Advance(Clusters::kMaxIdle / 2 + absl::Seconds(1));
  REQUIRE_THAT(world.Of("secretRef: {name: b}").status(), IsOk());
  CHECK(world.clusters().size() == 1);
  // Whoever still works with it may go on.
  CHECK_FALSE(held->id.empty());

  for (size_t i = 0; i < Clusters::kMaxClusters + 5; ++i) {
    world.clock.Advance(absl::Seconds(1));
    world.AddSecret("many", "value", Kubeconfig(absl::StrCat("https://many-", i)));
    REQUIRE_THAT(world.Of("secretRef: {name: many}").status(), IsOk());
  }
  CHECK(world.clusters().size() == Clusters::kMaxClusters);
}

}  // namespace
}  // namespace sluice::remote_cluster
