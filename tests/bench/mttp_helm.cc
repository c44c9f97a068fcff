// Mean time to production of Helm releases, as mttp.cc has it for Kustomizations: many HelmReleases
// of one small chart (a Deployment without replicas, a Service, a ServiceAccount, an Ingress) are
// installed, upgraded by one commit, and reconciled with nothing to do.
//
//   build/release/bin/mttp_helm [--objects 100] [--concurrent 10]

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/flags/command.h"
#include "tests/bench/fleet.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"

namespace sluice::bench {
namespace {

constexpr char kTemplates[] = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}, labels: {version: "{{ .Values.version }}"}}
spec:
  replicas: 0
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      serviceAccountName: {{ .Release.Name }}
      containers:
      - name: app
        image: "ghcr.io/example/app:{{ .Values.version }}"
        ports: [{containerPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}, labels: {version: "{{ .Values.version }}"}}
spec: {selector: {app: {{ .Release.Name }}}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: {{ .Release.Name }}, labels: {version: "{{ .Values.version }}"}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: {{ .Release.Name }}, labels: {version: "{{ .Values.version }}"}}
spec:
  rules:
  - host: {{ .Release.Name }}.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend: {service: {name: {{ .Release.Name }}, port: {number: 80}}}
)";

// The chart at `version`, as one commit.
absl::Status Commit(e2e::GitRepository& git, const std::string& version) {
  git.Write("chart/Chart.yaml",
            absl::StrCat("apiVersion: v2\nname: app\nversion: ", version, "\n"));
  git.Write("chart/values.yaml", absl::StrCat("version: ", version, "\n"));
  git.Write("chart/templates/app.yaml", kTemplates);
  return git.Commit(absl::StrCat("Version ", version)).status();
}

// A HelmChart that all releases share.
Value ChartManifest() {
  return {{"apiVersion", e2e::kSourceApi},
          {"kind", "HelmChart"},
          {"metadata", {{"name", "app"}}},
          {"spec",
           {{"interval", "1h"},
            {"chart", "chart"},
            {"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}}}}};
}

Value ReleaseManifest(const std::string& name) {
  return {{"apiVersion", "helm.toolkit.fluxcd.io/v2"},
          {"kind", "HelmRelease"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"interval", "1h"},
            {"chartRef", {{"kind", "HelmChart"}, {"name", "app"}}},
            // No controller-manager is there to make Deployments ready.
            {"install", {{"disableWait", true}}},
            {"upgrade", {{"disableWait", true}}}}}};
}

absl::Status Measure(const FleetOptions& options, Figures& figures) {
  ASSIGN_OR_RETURN(const auto fleet,
                   Fleet::Start(options, "HelmRelease", {"source-controller", "helm-controller"}));
  e2e::Cluster& cluster = fleet->cluster();
  ASSIGN_OR_RETURN(e2e::GitRepository git,
                   e2e::GitRepository::Create(cluster.git_root() + "/repo"));
  RETURN_IF_ERROR(Commit(git, "1.0.0"));
  RETURN_IF_ERROR(
      cluster.Apply(e2e::GitRepositoryManifest("repo", cluster.git_url() + "/repo", "1h")));
  RETURN_IF_ERROR(cluster.Apply(ChartManifest()));
  RETURN_IF_ERROR(AwaitReady(cluster, e2e::kSourceApi, "HelmChart", "app"));

  RETURN_IF_ERROR(fleet->Install(figures, ReleaseManifest));
  RETURN_IF_ERROR(Commit(git, "1.1.0"));
  RETURN_IF_ERROR(fleet->Upgrade(
      figures, [&] { return cluster.Trigger(e2e::kSourceApi, "GitRepository", "repo"); },
      [](const Value& object) {
        return object["status"]["history"].at(0)["chartVersion"].str() == "1.1.0";
      }));
  return fleet->ReconcileAll(figures);
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  sluice::bench::FleetOptions options;
  sluice::Command command("mttp_helm", "Measures install, upgrade and no-op of many HelmReleases.");
  options.AddTo(command);
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    return sluice::bench::Measure(options, figures);
  });
}
