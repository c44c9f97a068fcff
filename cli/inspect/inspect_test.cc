// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/inspect/log_line.h"
#include "cli/testing/command_line.h"

namespace sluice::cli {
namespace {

using testing::TestCluster;

// A repository, a Kustomization of it, and a Deployment that it applied with its pod's ReplicaSet;
// a HelmRelease with its chart and repository.
constexpr char kObjects[] = R"(
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: repo, namespace: flux-system}
spec: {url: "https://example.org/r.git", interval: 1m, ref: {branch: main}}
status:
  artifact: {revision: "main@sha1:aa", digest: "sha256:aa", path: a, url: http://s/a, size: 3000,
             lastUpdateTime: "2026-01-01T00:00:00Z"}
  conditions:
  - {type: Ready, status: "False", reason: F, message: no route,
     lastTransitionTime: "2026-01-02T03:04:05Z"}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: flux-system}
spec: {interval: 1m, prune: true, path: ./apps, targetNamespace: default,
       sourceRef: {kind: GitRepository, name: repo}}
status:
  lastAppliedRevision: main@sha1:aa
  conditions:
  - {type: Ready, status: "True", reason: S, message: applied,
     lastTransitionTime: "2026-01-02T03:04:05Z"}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: flux-system
  labels:
    kustomize.toolkit.fluxcd.io/name: app
    kustomize.toolkit.fluxcd.io/namespace: flux-system
spec: &spec
  selector: {matchLabels: {a: b}}
  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: charts, namespace: flux-system}
spec: {url: "https://example.org/charts", interval: 1m, suspend: true}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata: {name: flux-system-db, namespace: flux-system}
spec: {chart: postgres, version: 1.x, interval: 1m, sourceRef: {kind: HelmRepository, name: charts}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: db, namespace: flux-system}
spec:
  interval: 1m
  chart: {spec: {chart: postgres, version: 1.x, sourceRef: {kind: HelmRepository, name: charts}}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: db
  namespace: flux-system
  labels: {helm.toolkit.fluxcd.io/name: db, helm.toolkit.fluxcd.io/namespace: flux-system}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: own, namespace: flux-system}
)";

TEST_CASE("an object is traced to where it comes from", "[cli]") {
  TestCluster cluster;
  cluster.Apply(kObjects);
  constexpr char kTraced[] =
      "Object:          Deployment/web\n"
      "Namespace:       flux-system\n"
      "Status:          Managed by Flux\n"
      "---\n"
      "Kustomization:   app\n"
      "Namespace:       flux-system\n"
      "Target:          default\n"
      "Path:            ./apps\n"
      "Revision:        main@sha1:aa\n"
      "Status:          Last reconciled at 2026-01-02 03:04:05 +0000 UTC\n"
      "Message:         applied\n"
      "---\n"
      "GitRepository:   repo\n"
      "Namespace:       flux-system\n"
      "URL:             https://example.org/r.git\n"
      "Branch:          main\n"
      "Revision:        main@sha1:aa\n"
      "Status:          Last reconciliation failed at 2026-01-02 03:04:05 +0000 UTC\n"
      "Message:         no route\n";
  const std::vector<std::string> spellings[] = {
      {"trace", "deployment/web"},
      {"trace", "deploy", "web"},
      {"trace", "deployments.apps", "web"},
      {"trace", "web", "--kind", "Deployment", "--api-version", "apps/v1"}};
  for (const std::vector<std::string>& words : spellings) {
    CAPTURE(words);
    CHECK(cluster.Run(words).out == kTraced);
  }
  CHECK(cluster.Run({"trace", "configmap/db"}).out ==
        "Object:          ConfigMap/db\n"
        "Namespace:       flux-system\n"
        "Status:          Managed by Flux\n"
        "---\n"
        "HelmRelease:     db\n"
        "Namespace:       flux-system\n"
        "Status:          Unknown\n"
        "---\n"
        "HelmChart:       flux-system-db\n"
        "Namespace:       flux-system\n"
        "Chart:           postgres\n"
        "Version:         1.x\n"
        "Status:          Unknown\n"
        "---\n"
        "HelmRepository:  charts\n"
        "Namespace:       flux-system\n"
        "URL:             https://example.org/charts\n"
        "Status:          Unknown\n");
}

TEST_CASE("what cannot be traced is a failure that says why", "[cli]") {
  TestCluster cluster;
  cluster.Apply(kObjects);
  struct Row {
    std::vector<std::string> words;
    int code;
    const char* message;
  };
  const Row rows[] = {
      {{"trace"}, 2, "either `<resource>/<name>` or `<resource> <name>` is required"},
      {{"trace", "deployment"}, 2, "is required"},
      {{"trace", "web", "--kind", "Deployment"}, 2, "--kind and --api-version go together"},
      {{"trace", "rocket/moon"}, 1, "the server doesn't have a resource type \"rocket\""},
      {{"trace", "deployment/gone"}, 1, "\"gone\" not found"},
      {{"trace", "cm/own"},
       1,
       "✗ failed to trace ConfigMap/own in namespace flux-system: object not managed by Flux\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const auto output = cluster.Run(row.words);
    CHECK(output.code == row.code);
    CHECK(absl::StrContains(output.err, row.message));
  }
}

TEST_CASE("statistics count what runs, fails and is suspended", "[cli]") {
  TestCluster cluster;
  cluster.Apply(kObjects);
  CHECK(cluster.Run({"stats"}).out ==
        "RECONCILERS          \tRUNNING\tFAILING\tSUSPENDED\tSTORAGE\n"
        "GitRepository        \t1      \t1      \t0        \t2.9 KiB\n"
        "OCIRepository        \t0      \t0      \t0        \t-\n"
        "HelmRepository       \t0      \t0      \t1        \t-\n"
        "HelmChart            \t1      \t0      \t0        \t-\n"
        "Bucket               \t0      \t0      \t0        \t-\n"
        "Kustomization        \t1      \t0      \t0        \t-\n"
        "HelmRelease          \t1      \t0      \t0        \t-\n"
        "Alert                \t0      \t0      \t0        \t-\n"
        "Provider             \t0      \t0      \t0        \t-\n"
        "Receiver             \t0      \t0      \t0        \t-\n"
        "ImageUpdateAutomation\t0      \t0      \t0        \t-\n"
        "ImagePolicy          \t0      \t0      \t0        \t-\n"
        "ImageRepository      \t0      \t0      \t0        \t-\n");
}

std::string Event(absl::string_view name, absl::string_view about, absl::string_view type,
                  absl::string_view more) {
  return absl::StrCat("---\n{apiVersion: v1, kind: Event, metadata: {name: ", name,
                      ", namespace: flux-system}, involvedObject: {namespace: flux-system, ", about,
                      "}, type: ", type, ", reason: R, message: 'about ", name, "', ", more, "}\n");
}

TEST_CASE("events are shown in order of time, of our kinds only", "[cli]") {
  TestCluster cluster;
  cluster.Apply(kObjects);
  // So long ago that the ages do not change while the test runs.
  cluster.Apply(absl::StrCat(
      Event("late", "kind: Kustomization, name: app", "Normal",
            "firstTimestamp: '2001-01-01T00:00:00Z', lastTimestamp: '2011-01-01T00:00:00Z', count: "
            "5"),
      Event("early", "kind: GitRepository, name: repo", "Warning",
            "firstTimestamp: '2001-01-01T00:00:00Z', lastTimestamp: '2001-01-01T00:00:00Z'"),
      Event("pod", "kind: Pod, name: app", "Warning", "firstTimestamp: '2001-01-01T00:00:00Z'")));
  const auto all = cluster.Run({"events"});
  CHECK(all.code == 0);
  CHECK(absl::StrContains(all.out, "LAST SEEN"));
  const size_t early = all.out.find("\tWarning\tR     \tGitRepository/repo\tabout early\n");
  const size_t late = all.out.find(")\tNormal \tR     \tKustomization/app \tabout late\n");
  CHECK(early != std::string::npos);
  CHECK(late != std::string::npos);
  CHECK(early < late);
  CHECK(absl::StrContains(all.out, "y (x5 over "));
  CHECK_FALSE(absl::StrContains(all.out, "about pod"));

  // Those of the source explain those of the object.
  CHECK(cluster.Run({"events", "--for", "kustomization/app"}).out == all.out);
  CHECK_FALSE(absl::StrContains(cluster.Run({"events", "--for", "Kustomization"}).out, "early"));
  CHECK_FALSE(absl::StrContains(cluster.Run({"events", "--types", "warning"}).out, "late"));
  CHECK(absl::StrContains(cluster.Run({"events", "-A"}).out, "NAMESPACE  \tLAST SEEN"));
  CHECK(cluster.Run({"events", "--for", "HelmRelease/db"}).err ==
        "✗ No events found in flux-system namespace.\n");

  CHECK(cluster.Run({"events", "--for", "Pod/x"}).code == 2);
  CHECK(cluster.Run({"events", "--types", "Sad"}).code == 2);
  CHECK(cluster.Run({"events", "--for", "Kustomization/gone"}).code == 1);
}

TEST_CASE("a check tells what is missing", "[cli]") {
  TestCluster cluster;
  const auto pre = cluster.Run({"check", "--pre"});
  CHECK(pre.code == 0);
  CHECK(absl::StrContains(pre.err, " >=1.33.0-0\n✔ prerequisites checks passed\n"));

  auto full = cluster.Run({"check"});
  CHECK(full.code == 1);
  CHECK(absl::StrContains(full.err, "✗ no controllers found in the 'flux-system' namespace"));
  CHECK(absl::StrContains(full.err, "✔ kustomizations.kustomize.toolkit.fluxcd.io/v1\n"));

  cluster.Apply(R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: source-controller, namespace: flux-system,
           labels: {app.kubernetes.io/part-of: flux}, generation: 1}
spec:
  replicas: 0
  selector: {matchLabels: {a: b}}
  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: "sluice:1"}]}}
status: {observedGeneration: 1, conditions: [{type: Available, status: "True"}]}
)");
  full = cluster.Run({"check", "--poll-interval", "10ms", "--timeout", "10s"});
  CHECK(full.code == 0);
  CHECK(absl::StrContains(full.err,
                          "✔ source-controller: deployment ready\n► sluice:1\n► checking crds\n"));
  CHECK(absl::StrContains(full.err, "✔ all checks passed\n"));
}

TEST_CASE("a line of a log is told as Flux does", "[cli]") {
  constexpr char kLine[] =
      R"({"level":"error","ts":"2026-01-01T00:00:00.000Z","msg":"failed",)"
      R"("controllerKind":"Kustomization","name":"app","namespace":"apps","error":"no"})";
  constexpr char kTold[] = "2026-01-01T00:00:00.000Z error Kustomization/app.apps - failed no";
  struct Row {
    LogFilter filter;
    bool shown;
  };
  const Row rows[] = {
      {{}, true},
      {{.level = "error", .kind = "kustomization", .name = "APP", .ns = "apps"}, true},
      {{.level = "info"}, false},
      {{.kind = "HelmRelease"}, false},
      {{.name = "web"}, false},
      {{.ns = "flux-system"}, false},
  };
  for (const Row& row : rows) {
    const auto told = FormatLogLine(kLine, row.filter);
    CHECK(told.has_value() == row.shown);
    if (row.shown) CHECK(told == kTold);
  }
  CHECK(FormatLogLine(R"({"ts":"t","level":"info","msg":"started"})", {}) == "t info  - started ");
  CHECK(FormatLogLine("plain", {}) == std::nullopt);
  CHECK(FormatLogLine("{broken", {}) == std::nullopt);
}

TEST_CASE("logs need controllers", "[cli]") {
  TestCluster cluster;
  CHECK(cluster.Run({"logs"}).err == "✗ no Flux pods found in namespace \"flux-system\"\n");
  CHECK(cluster.Run({"logs", "--since", "1h", "--since-time", "2026-01-01T00:00:00Z"}).code == 2);
}

}  // namespace
}  // namespace sluice::cli
