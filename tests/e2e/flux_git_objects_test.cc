// GitRepositories and their Secrets as `flux create` prints them. What is granted and refused has
// its own file.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "common/git_testing/git_server.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/flux_objects.h"
#include "tests/e2e/git_repository.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

TEST_CASE("GitRepositories and their Secrets as Flux exports them", "[e2e][flux]") {
  FluxObjects objects;
  Cluster& cluster = objects.cluster();
  auto repository = GitRepository::Create(cluster.git_root() + "/podinfo");
  REQUIRE(repository.ok());
  repository->Write("kustomize/config.yaml", "a: 1\n");
  repository->Write("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
  REQUIRE_THAT(repository->Commit("first").status(), IsOk());
  REQUIRE_THAT(repository->Git({"tag", "6.5.1"}).status(), IsOk());
  const git_testing::GitServer basic(cluster.git_root(),
                                     {.username = "git", .password = Secret("pat")});
  const git_testing::GitServer bearer(cluster.git_root(), {.bearer_token = Secret("token")});
  // flux create secret git podinfo-auth --url=… --username=git --password=pat
  // flux create source git podinfo --url=… --branch=main --secret-ref=podinfo-auth
  objects.Apply(R"(---
apiVersion: v1
kind: Secret
metadata:
  name: podinfo-auth
  namespace: NAMESPACE
stringData:
  password: pat
  username: git

---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: podinfo
  namespace: NAMESPACE
spec:
  interval: 1m0s
  ref:
    branch: main
  secretRef:
    name: podinfo-auth
  url: BASIC

---
apiVersion: v1
kind: Secret
metadata:
  name: bearer-auth
  namespace: NAMESPACE
stringData:
  bearerToken: token

---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  labels:
    app: podinfo
  name: podinfo-bearer
  namespace: NAMESPACE
spec:
  ignore: |-
    /*
    !/kustomize/
  interval: 10m0s
  ref:
    semver: '>=6.0.0 <7.0.0'
  secretRef:
    name: bearer-auth
  timeout: 30s
  url: BEARER

---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: podinfo-tag
  namespace: NAMESPACE
spec:
  interval: 1m0s
  recurseSubmodules: true
  ref:
    tag: 6.5.1
  sparseCheckout:
  - kustomize
  url: OPEN

---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: podinfo-no-secret
  namespace: NAMESPACE
spec:
  interval: 1m0s
  ref:
    branch: main
  url: BASIC

---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata:
  name: web-git
  namespace: NAMESPACE
spec:
  chart: ./web
  interval: 1m0s
  reconcileStrategy: Revision
  sourceRef:
    kind: GitRepository
    name: podinfo
)",
                {{"BASIC", basic.Url("podinfo")},
                 {"BEARER", bearer.Url("podinfo")},
                 {"OPEN", cluster.git_url() + "/podinfo"}});
  for (const char* name : {"podinfo", "podinfo-bearer", "podinfo-tag"}) {
    objects.ExpectReady("GitRepository", name);
  }
  objects.ExpectRefused("GitRepository", "podinfo-no-secret", "authentication required");
  objects.ExpectReady("HelmChart", "web-git");
  CHECK(cluster.Casualties() == "");
}

}  // namespace
}  // namespace sluice::e2e
