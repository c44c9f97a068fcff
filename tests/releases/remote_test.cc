// HelmReleases whose objects and storage are in another cluster (spec/helm.md §2.20).

// SPDX-License-Identifier: Apache-2.0

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "common/testing/status_matchers.h"
#include "tests/releases/world.h"

namespace sluice::releases {
namespace {

using Catch::Matchers::Contains;
using ::sluice::testing::IsOk;

const kube::Resource kConfigMaps = {"", "v1", "configmaps", "ConfigMap", true};
const kube::Resource kSecrets = {"", "v1", "secrets", "Secret", true};

TEST_CASE("a release goes to the cluster of a kubeconfig, and from there", "[helm_release]") {
  World world;
  const auto remote = devapi::DevApiServer::Start({}).value();
  const auto client =
      kube::CreateHttpClient(kube::ParseKubeconfig(remote->Kubeconfig(), "").value()).value();
  world.Apply(absl::StrCat(
      "{apiVersion: v1, kind: Secret, metadata: {name: remote, namespace: default}, data: {value: ",
      absl::Base64Escape(remote->Kubeconfig()), "}}"));
  world.PublishChart("web", "1.0.0", TroublesomeChart());
  world.ApplyRelease("kubeConfig: {secretRef: {name: remote}}");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK_THAT(client->Get(world.ctx(), kConfigMaps, {"default", "r-config"}).status(), IsOk());
  CHECK_THAT(client->Get(world.ctx(), kSecrets, {"default", "sh.helm.release.v1.r.v1"}).status(),
             IsOk());
  CHECK(world.Get("v1", "ConfigMap", "r-config").is_null());
  CHECK(world.Stored().empty());

  const kube::Resource& releases = api::KindOrDie("HelmRelease");
  REQUIRE_THAT(world.client().Delete(world.ctx(), releases, {"default", "r"}), IsOk());
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(absl::IsNotFound(client->Get(world.ctx(), kConfigMaps, {"default", "r-config"}).status()));
}

TEST_CASE("a kubeconfig that is missing is told, and does not hold up a deletion",
          "[helm_release]") {
  World world;
  world.PublishChart("web", "1.0.0", TroublesomeChart());
  world.ApplyRelease("kubeConfig: {secretRef: {name: nope}}");
  CHECK_FALSE(world.Reconcile().ok());
  CHECK_THAT(world.Condition("Ready"),
             Contains("False RESTClientError: unable to read KubeConfig secret 'default/nope'"));
  world.client().Delete(world.ctx(), api::KindOrDie("HelmRelease"), {"default", "r"}).IgnoreError();
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(world.Release().is_null());
}

TEST_CASE("a release enters a cluster with a service account's identity", "[helm_release]") {
  if (std::getenv("SLUICE_TEST_KUBECONFIG") != nullptr) return;  // its CA is not known
  World world;
  const kube::ClusterConfig self = kube::ParseKubeconfig(world.kubeconfig(), "").value();
  world.options().clusters.workload_identity = true;
  world.Apply(
      "{apiVersion: v1, kind: ServiceAccount, metadata: {name: tenant, namespace: default}}");
  const Value config = {{"apiVersion", "v1"},
                        {"kind", "ConfigMap"},
                        {"metadata", {{"name", "access"}, {"namespace", "default"}}},
                        {"data",
                         {{"provider", "generic"},
                          {"address", self.server},
                          {"ca.crt", self.tls.ca_pem},
                          {"audiences", "https://kubernetes.default.svc"},
                          {"serviceAccountName", "tenant"}}}};
  REQUIRE_THAT(world.client().Create(world.ctx(), kConfigMaps, config).status(), IsOk());
  world.PublishChart("web", "1.0.0", TroublesomeChart());
  world.ApplyRelease("kubeConfig: {configMapRef: {name: access}}");
  CHECK_FALSE(world.Reconcile().ok());
  CHECK_THAT(world.Condition("Ready"), Contains("system:serviceaccount:default:tenant"));

  world.Apply(
      "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: "
      "tenant}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "
      "cluster-admin}, subjects: [{kind: ServiceAccount, name: tenant, namespace: default}]}");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(world.History() == std::vector<std::string>{"v1 deployed (install)"});
  CHECK_FALSE(world.Get("v1", "ConfigMap", "r-config").is_null());

  world.options().clusters.workload_identity = false;
  world.ApplyRelease("kubeConfig: {configMapRef: {name: access}}, values: {value: two}");
  CHECK_FALSE(world.Reconcile().ok());
  CHECK_THAT(world.Condition("Ready"),
             Contains("ObjectLevelWorkloadIdentity feature gate is not enabled"));
}

}  // namespace
}  // namespace sluice::releases
