// Mean time to production, as Flux's benchmark has it: many Kustomizations of four objects each
// (a Deployment without replicas, a Service, a ServiceAccount, an Ingress) are installed, upgraded
// by one commit, and reconciled with nothing to do.
//
//   build/release/bin/mttp [--objects 100] [--concurrent 10] [--chain] [--troubled 0]

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/flags/command.h"
#include "tests/bench/fleet.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"

namespace sluice::bench {
namespace {

using e2e::GitRepository;
using e2e::KustomizationManifest;

struct Options {
  FleetOptions fleet;
  bool chain = false;  // each depends on the one before
  int troubled = 0;    // further ones, of which half wait for ever and half fail every second
};

std::string Manifests(absl::string_view ns, const std::string& name, const std::string& version) {
  return absl::StrFormat(R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: %1$s, namespace: %2$s, labels: {version: "%3$s"}}
spec:
  replicas: 0
  selector: {matchLabels: {app: %1$s}}
  template:
    metadata: {labels: {app: %1$s}}
    spec:
      serviceAccountName: %1$s
      containers:
      - {name: app, image: "ghcr.io/example/app:%3$s", ports: [{containerPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: %1$s, namespace: %2$s, labels: {version: "%3$s"}}
spec: {selector: {app: %1$s}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: %1$s, namespace: %2$s, labels: {version: "%3$s"}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %1$s, namespace: %2$s, labels: {version: "%3$s"}}
spec:
  rules:
  - host: %1$s.example.com
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: %1$s, port: {number: 80}}}}
)",
                         name, std::string(ns), version);
}

// All folders at `version`, as one commit; its id.
absl::StatusOr<std::string> Commit(Fleet& fleet, GitRepository& git, const std::string& version) {
  for (const std::string& name : fleet.names()) {
    git.Write(absl::StrCat("apps/", name, "/app.yaml"),
              Manifests(fleet.cluster().ns(), name, version));
  }
  return git.Commit(absl::StrCat("Version ", version));
}

std::string TroubledName(int i) { return absl::StrCat("troubled-", i); }

// The folders of the troubled: a Deployment that never becomes ready, and a kind that nobody
// serves.
void WriteTroubled(GitRepository& git, absl::string_view ns, int count) {
  for (int i = 0; i < count; ++i) {
    const bool hangs = i % 2 == 0;
    git.Write(absl::StrCat("troubled/", TroubledName(i), "/object.yaml"),
              absl::StrCat(hangs ? "{apiVersion: apps/v1, kind: Deployment, "
                                 : "{apiVersion: example.org/v1, kind: Unknown, ",
                           "metadata: {name: ", TroubledName(i), ", namespace: ", ns,
                           "}, spec: {selector: {matchLabels: {app: x}}, template: {metadata: "
                           "{labels: {app: x}}, spec: {containers: [{name: c, image: x}]}}}}"));
  }
}

absl::Status ApplyTroubled(e2e::Cluster& cluster, int count) {
  for (int i = 0; i < count; ++i) {
    Value object = KustomizationManifest(TroubledName(i), "repo",
                                         absl::StrCat("./troubled/", TroubledName(i)), "1h");
    object.Ensure("spec").Set("wait", true);
    object.Ensure("spec").Set("timeout", "1h");
    RETURN_IF_ERROR(cluster.Apply(object));
  }
  return absl::OkStatus();
}

absl::Status Measure(Options options, Figures& figures) {
  if (options.chain) options.fleet.qualifier = " in a chain";
  ASSIGN_OR_RETURN(const auto fleet, Fleet::Start(options.fleet, "Kustomization",
                                                  {"source-controller", "kustomize-controller"}));
  e2e::Cluster& cluster = fleet->cluster();
  ASSIGN_OR_RETURN(GitRepository git, GitRepository::Create(cluster.git_root() + "/repo"));
  WriteTroubled(git, cluster.ns(), options.troubled);
  RETURN_IF_ERROR(Commit(*fleet, git, "1.0.0").status());
  RETURN_IF_ERROR(
      cluster.Apply(e2e::GitRepositoryManifest("repo", cluster.git_url() + "/repo", "1h")));
  RETURN_IF_ERROR(AwaitReady(cluster, e2e::kSourceApi, "GitRepository", "repo"));
  RETURN_IF_ERROR(ApplyTroubled(cluster, options.troubled));

  RETURN_IF_ERROR(fleet->Install(figures, [&](const std::string& name) {
    Value object = KustomizationManifest(name, "repo", absl::StrCat("./apps/", name), "1h");
    const auto here = std::find(fleet->names().begin(), fleet->names().end(), name);
    if (options.chain && here != fleet->names().begin()) {
      object.Ensure("spec").Set("dependsOn", Value::Array{{{"name", *(here - 1)}}});
    }
    return object;
  }));
  ASSIGN_OR_RETURN(const std::string commit, Commit(*fleet, git, "1.1.0"));
  RETURN_IF_ERROR(fleet->Upgrade(
      figures, [&] { return cluster.Trigger(e2e::kSourceApi, "GitRepository", "repo"); },
      [&](const Value& object) {
        return absl::EndsWith(object["status"]["lastAppliedRevision"].str(), commit);
      }));
  return fleet->ReconcileAll(figures);
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  sluice::bench::Options options;
  sluice::Command command("mttp", "Measures install, upgrade and no-op of many Kustomizations.");
  options.fleet.AddTo(command);
  command.Bool("--chain", options.chain, "let each depend on the one before");
  command.Int("--troubled", options.troubled, "more of them that hang or fail, not measured");
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    return sluice::bench::Measure(options, figures);
  });
}
