// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "cli/steer/wait.h"
#include "cli/testing/command_line.h"
#include "common/kube/object.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::cli {
namespace {

using ::sluice::testing::StatusIs;
using testing::TestCluster;

constexpr char kGenerator[] = "source.extensions.fluxcd.io/v1beta1";
constexpr char kKustomize[] = "kustomize.toolkit.fluxcd.io/v1";

// Two Kustomizations whose status is ahead of every generation, as if a controller had just been
// there; the second one is Stalled.
constexpr char kObjects[] = R"(
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: flux-system, labels: {team: a}}
spec: {interval: 1m, prune: true, path: ./, sourceRef: {kind: GitRepository, name: repo}}
status:
  observedGeneration: 100
  lastAppliedRevision: main@sha1:aa
  conditions:
  - {type: Ready, status: "True", reason: S, message: applied,
     lastTransitionTime: "2026-01-01T00:00:00Z"}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web, namespace: flux-system, labels: {team: b}}
spec: {interval: 1m, prune: true, path: ./, sourceRef: {kind: GitRepository, name: repo}}
status:
  observedGeneration: 100
  conditions:
  - {type: Ready, status: "False", reason: S, message: no such path,
     lastTransitionTime: "2026-01-01T00:00:00Z"}
  - {type: Stalled, status: "True", reason: S, message: no such path,
     lastTransitionTime: "2026-01-01T00:00:00Z"}
---
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: parts, namespace: flux-system}
spec:
  sources: [{alias: a, kind: GitRepository, name: repo}]
  artifacts: [{name: x, copy: [{from: "@a/**", to: "@artifact/"}]}]
)";

bool SuspendedKustomization(TestCluster& cluster, const char* name) {
  return cluster.Live(kKustomize, "Kustomization", "flux-system", name)["spec"]["suspend"].bool_or(
      false);
}

TEST_CASE("objects are suspended and resumed", "[cli]") {
  TestCluster cluster;
  cluster.Apply(kObjects);
  auto output = cluster.Run({"suspend", "ks", "app", "gone", "app"});
  CHECK(output.code == 1);
  CHECK(output.err ==
        "✗ Kustomization object 'gone' not found in \"flux-system\" namespace\n"
        "► suspending kustomization app in flux-system namespace\n"
        "✔ kustomization suspended\n"
        "✗ suspending failed for 1 Kustomization(s)\n");
  CHECK(SuspendedKustomization(cluster, "app"));
  CHECK_FALSE(SuspendedKustomization(cluster, "web"));

  output = cluster.Run({"resume", "ks/app"});
  CHECK(output.code == 0);
  CHECK(output.err ==
        "► resuming kustomization app in flux-system namespace\n"
        "✔ kustomization resumed\n"
        "◎ waiting for Kustomization reconciliation\n"
        "✔ Kustomization app reconciliation completed\n"
        "✔ applied revision main@sha1:aa\n");
  CHECK_FALSE(SuspendedKustomization(cluster, "app"));

  CHECK(cluster.Run({"suspend", "kustomizations", "--all"}).code == 0);
  CHECK(SuspendedKustomization(cluster, "web"));
  // Several are waited for only if that is asked for.
  CHECK(cluster.Run({"resume", "ks", "-l", "team in (a,b)"}).code == 0);
  output = cluster.Run({"resume", "ks", "--all", "--wait"});
  CHECK(output.code == 1);
  CHECK(absl::StrContains(output.err, "✔ applied revision main@sha1:aa\n"));
  CHECK(absl::StrContains(output.err,
                          "✗ Kustomization web reconciliation failed: no such path\n"
                          "✗ reconciliation failed for 1 Kustomization(s)\n"));
}

TEST_CASE("a generator is suspended by its annotation", "[cli]") {
  TestCluster cluster;
  cluster.Apply(kObjects);
  CHECK(cluster.Run({"suspend", "artifact", "generator", "parts"}).code == 0);
  const auto annotation = [&] {
    return std::string(
        kube::Annotation(cluster.Live(kGenerator, "ArtifactGenerator", "flux-system", "parts"),
                         "source.extensions.fluxcd.io/reconcile"));
  };
  CHECK(annotation() == "disabled");
  CHECK(cluster.Run({"resume", "artifact", "generator", "parts", "--wait=false"}).code == 0);
  CHECK(annotation().empty());
}

TEST_CASE("what is to be steered has to be said", "[cli]") {
  TestCluster cluster;
  cluster.Apply(kObjects);
  struct Row {
    std::vector<std::string> words;
    int code;
    const char* message;
  };
  const Row rows[] = {
      {{"suspend", "ks"}, 2, "kustomization name is required"},
      {{"suspend", "ks", "app", "--all"}, 2, "names do not go together with --all"},
      {{"suspend", "images", "--all"}, 2, "one kind at a time"},
      {{"suspend", "source", "external", "--all"}, 1, "no ExternalArtifact objects found"},
      {{"resume", "hr", "--all"}, 1, "no HelmRelease objects found in \"flux-system\" namespace"},
      {{"delete", "ks", "app", "gone", "-s"}, 1, "Kustomization object 'gone' not found"},
      {{"wait", "ks", "app", "--for", "sunshine"}, 2, "--for is ready, revision=TEXT or delete"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const auto output = cluster.Run(row.words);
    CHECK(output.code == row.code);
    CHECK(absl::StrContains(output.err, row.message));
  }
  CHECK_FALSE(SuspendedKustomization(cluster, "app"));
}

TEST_CASE("a deletion is asked about", "[cli]") {
  TestCluster cluster;
  cluster.Apply(kObjects);
  auto output = cluster.Run({"delete", "ks", "app"}, "n\n");
  CHECK(output.code == 1);
  CHECK(output.err == "Are you sure you want to delete this kustomization [y/N] ✗ aborting\n");
  CHECK_FALSE(cluster.Live(kKustomize, "Kustomization", "flux-system", "app").is_null());

  CHECK(cluster.Run({"delete", "ks", "app"}, "y\n").code == 0);
  CHECK(cluster.Live(kKustomize, "Kustomization", "flux-system", "app").is_null());
  output = cluster.Run({"delete", "kustomization", "web", "--silent"});
  CHECK(output.code == 0);
  CHECK(output.err ==
        "► deleting kustomization web in flux-system namespace\n✔ kustomization deleted\n");
}

TEST_CASE("waiting ends when the condition is met, or cannot be", "[cli]") {
  TestCluster cluster;
  cluster.Apply(kObjects);
  const auto ready = cluster.Run({"wait", "ks", "app"});
  CHECK(ready.code == 0);
  CHECK(ready.out == "kustomization/app condition met\n");
  CHECK(cluster.Run({"wait", "ks", "app", "--for", "revision=sha1:aa"}).code == 0);
  CHECK(cluster.Run({"wait", "ks", "gone", "--for", "delete"}).code == 0);

  const auto stalled = cluster.Run({"wait", "ks", "web"});
  CHECK(stalled.code == 1);
  CHECK(stalled.err == "✗ no such path\n");
  const auto late = cluster.Run({"wait", "ks", "app", "--for=revision=bb", "--timeout", "1s"});
  CHECK(late.code == 1);
  CHECK(late.err == "✗ timed out waiting for Kustomization/flux-system/app: applied\n");
}

TEST_CASE("a wait condition tells how far an object is", "[cli]") {
  const Value ready = value::ParseJson(R"({"metadata": {"generation": 1}, "status": {
      "artifact": {"revision": "main@sha1:ab"}, "observedGeneration": 1,
      "conditions": [{"type": "Ready", "status": "True"}]}})")
                          .value();
  struct Row {
    const char* condition;
    Value object;
    Progress progress;
  };
  const Row rows[] = {
      {"ready", ready, Progress::kDone},
      {"ready", Value(), Progress::kPending},
      {"revision=sha1:ab", ready, Progress::kDone},
      {"revision=sha1:cd", ready, Progress::kPending},
      {"delete", ready, Progress::kPending},
      {"delete", Value(), Progress::kDone},
  };
  for (const Row& row : rows) {
    CAPTURE(row.condition);
    CHECK(ParseWaitCondition(row.condition).value()(row.object) == row.progress);
  }
  CHECK_THAT(ParseWaitCondition("revision=").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "--for is"));
}

}  // namespace
}  // namespace sluice::cli
