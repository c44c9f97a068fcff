// SPDX-License-Identifier: Apache-2.0
#include "cli/inspect/why.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "cli/testing/command_line.h"

namespace sluice::cli {
namespace {

using testing::TestCluster;

constexpr char kObjects[] = R"(
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: repo, namespace: flux-system}
spec: {url: "https://example.org/r.git", interval: 1m}
status:
  observedGeneration: 1
  conditions:
  - {type: Ready, status: "False", reason: GitOperationFailed,
     message: "unable to clone 'https://example.org/r.git': authentication required",
     lastTransitionTime: "2026-01-02T03:04:05Z"}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: db, namespace: flux-system}
spec: {interval: 1m, prune: true, sourceRef: {kind: GitRepository, name: repo}}
status:
  conditions:
  - {type: Ready, status: "False", reason: ArtifactFailed,
     message: "Source artifact not found, retrying in 30s",
     lastTransitionTime: "2026-01-02T03:04:05Z"}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web, namespace: flux-system}
spec:
  interval: 1m
  prune: true
  sourceRef: {kind: GitRepository, name: repo}
  dependsOn: [{name: db}]
status:
  conditions:
  - {type: Ready, status: "False", reason: DependencyNotReady,
     message: "dependency 'flux-system/db' is not ready",
     lastTransitionTime: "2026-01-02T03:04:05Z"}
)";

TEST_CASE("why names the root cause and the way to it", "[cli]") {
  TestCluster cluster;
  cluster.Apply(kObjects);
  const auto why = cluster.Run({"why", "ks", "web"});
  CHECK(why.code == 0);
  CHECK(why.out ==
        "Kustomization/flux-system/web: DependencyNotReady: "
        "dependency 'flux-system/db' is not ready\n"
        "└── dependsOn Kustomization/flux-system/db: ArtifactFailed: "
        "Source artifact not found, retrying in 30s\n"
        "    └── sourceRef GitRepository/flux-system/repo: GitOperationFailed: "
        "unable to clone 'https://example.org/r.git': authentication required\n"
        "\n"
        "cause: source-authentication\n"
        "fix: put valid credentials for this URL into the Secret of secretRef\n");
  const auto json = cluster.Run({"why", "ks/web", "-o", "json"});
  CHECK(json.code == 0);
  CHECK(absl::StrContains(json.out, "\"verdict\":\"failing\""));
  CHECK(absl::StrContains(json.out, "\"cause\":\"source-authentication\""));
}

TEST_CASE("why wants one object that is there", "[cli]") {
  TestCluster cluster;
  CHECK(cluster.Run({"why", "ks", "gone"}).code == 1);
  CHECK(cluster.Run({"why", "ks"}).code == 2);
  CHECK(cluster.Run({"why", "nonsense", "x"}).code == 2);
  CHECK(cluster.Run({"why", "ks", "a", "b"}).code == 2);
}

}  // namespace
}  // namespace sluice::cli
