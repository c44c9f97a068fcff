// Mean time to production of Helm releases, as mttp.cc has it for Kustomizations: many HelmReleases
// of one small chart (a Deployment without replicas, a Service, a ServiceAccount, an Ingress) are
// installed, upgraded by one commit, and reconciled with nothing to do.
//
//   build/release/bin/mttp_helm [--releases 100] [--concurrent 10]
//
// On a development API server, or the cluster that SLUICE_TEST_KUBECONFIG names. Prints seconds,
// API requests per release, CPU seconds and peak memory of the processes.

// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/clock.h"
#include "common/base/parallel.h"
#include "common/base/status_macros.h"
#include "common/flags/command.h"
#include "common/http/client.h"
#include "common/kube/object.h"
#include "tests/bench/object_count.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

constexpr int kObjects = 4;  // of one release
constexpr absl::Duration kLimit = absl::Minutes(10);
constexpr char kHelmApi[] = "helm.toolkit.fluxcd.io/v2";
const kube::Resource kReleases{"helm.toolkit.fluxcd.io", "v2", "helmreleases", "HelmRelease", true};

struct Options {
  int releases = 100;
  int concurrent = 10;  // --concurrent of helm-controller
};

std::string NameOf(int i) { return absl::StrFormat("app-%04d", i); }

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

class Bench {
 public:
  Bench(Cluster& cluster, GitRepository& git, const Options& options, std::string metrics)
      : cluster_(cluster),
        git_(git),
        options_(options),
        metrics_(std::move(metrics)),
        http_(http::CreateClient({}).value()),
        count_(cluster.client(), kReleases, cluster.ns()) {}

  // The chart at `version`, as one commit.
  absl::Status Commit(const std::string& version) {
    git_.Write("chart/Chart.yaml",
               absl::StrCat("apiVersion: v2\nname: app\nversion: ", version, "\n"));
    git_.Write("chart/values.yaml", absl::StrCat("version: ", version, "\n"));
    git_.Write("chart/templates/app.yaml", kTemplates);
    return git_.Commit(absl::StrCat("Version ", version)).status();
  }

  // Calls `act` for every release, waits until `done` holds for all of them, and prints what
  // that took.
  absl::Status Phase(const char* name, const std::function<absl::Status()>& act,
                     const std::function<bool(const Value&)>& done) {
    const double requests = Requests();
    std::vector<std::pair<std::string, Process::Usage>> before = Usages();
    const absl::Time begun = RealClock().Now();
    RETURN_IF_ERROR(act());
    const double asked = absl::ToDoubleSeconds(RealClock().Now() - begun);
    const int count = count_.Await(done, options_.releases, kLimit);
    const double seconds = absl::ToDoubleSeconds(RealClock().Now() - begun);
    if (count < options_.releases) {
      return absl::DeadlineExceededError(
          absl::StrCat(name, ": only ", count, " of ", options_.releases, " are done"));
    }
    std::cout << absl::StreamFormat(
        "%-8s %7.2f s (asked for after %.2f s), %6.0f objects/s, %5.1f requests/release\n", name,
        seconds, asked, kObjects * options_.releases / seconds,
        (Requests() - requests) / options_.releases);
    for (const auto& [process, then] : before) {
      const Process::Usage now = cluster_.process(process).usage();
      std::cout << absl::StreamFormat("           %-22s %6.2f CPU s, peak %5.1f MiB\n", process,
                                      now.cpu_seconds - then.cpu_seconds, now.peak_mib);
    }
    std::cout << std::flush;
    return absl::OkStatus();
  }

  absl::Status ForEach(const std::function<absl::Status(const std::string& name)>& body) {
    absl::Mutex mutex;
    absl::Status first;
    ParallelFor(static_cast<size_t>(options_.releases), 4, [&](size_t i) {
      const absl::Status status = body(NameOf(static_cast<int>(i)));
      absl::MutexLock lock(&mutex);
      if (first.ok()) first = status;
      return status.ok();
    });
    return first;
  }

 private:
  // Of helm-controller, so far.
  double Requests() {
    http::Request request;
    request.url = metrics_;
    const auto answer = http_->Send(Context::Background().WithTimeout(absl::Seconds(10)), request);
    double sum = 0;
    if (!answer.ok()) return sum;
    for (const absl::string_view line : absl::StrSplit(answer->body, '\n')) {
      double value = 0;
      if (absl::StartsWith(line, "rest_client_requests_total{") &&
          absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) {
        sum += value;
      }
    }
    return sum;
  }

  std::vector<std::pair<std::string, Process::Usage>> Usages() {
    std::vector<std::pair<std::string, Process::Usage>> usages;
    std::vector<std::string> names = {"source-controller", "helm-controller"};
    if (cluster_.has_faults()) names.push_back("dev-apiserver");
    for (const std::string& name : names) usages.emplace_back(name, cluster_.process(name).usage());
    return usages;
  }

  Cluster& cluster_;
  GitRepository& git_;
  const Options& options_;
  const std::string metrics_;
  const std::unique_ptr<http::Transport> http_;
  ObjectCount count_;
};

bool IsReady(const Value& object) { return ReadyMessage(object, "True").has_value(); }

// A HelmChart that all releases share.
Value ChartManifest() {
  return {{"apiVersion", kSourceApi},
          {"kind", "HelmChart"},
          {"metadata", {{"name", "app"}}},
          {"spec",
           {{"interval", "1h"},
            {"chart", "chart"},
            {"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}}}}};
}

Value ReleaseManifest(const std::string& name) {
  return {{"apiVersion", kHelmApi},
          {"kind", "HelmRelease"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"interval", "1h"},
            {"chartRef", {{"kind", "HelmChart"}, {"name", "app"}}},
            // No controller-manager is there to make Deployments ready.
            {"install", {{"disableWait", true}}},
            {"upgrade", {{"disableWait", true}}}}}};
}

absl::Status Measure(const Options& options) {
  const std::string metrics = absl::StrCat("127.0.0.1:", FreePort());
  ClusterOptions cluster_options;
  cluster_options.controllers = {"source-controller", "helm-controller"};
  cluster_options.flags["helm-controller"] = {"--metrics-addr", metrics, "--concurrent",
                                              absl::StrCat(options.concurrent)};
  ASSIGN_OR_RETURN(const auto cluster, Cluster::Start(cluster_options));
  ASSIGN_OR_RETURN(GitRepository git,
                   GitRepository::Create(absl::StrCat(cluster->git_root(), "/repo")));
  Bench bench(*cluster, git, options, absl::StrCat("http://", metrics, "/metrics"));
  RETURN_IF_ERROR(bench.Commit("1.0.0"));
  RETURN_IF_ERROR(cluster->Apply(
      GitRepositoryManifest("repo", absl::StrCat(cluster->git_url(), "/repo"), "1h")));
  RETURN_IF_ERROR(cluster->Apply(ChartManifest()));
  if (!Eventually(kLimit, [&] {
        if (!cluster->Casualties().empty()) return true;
        const auto chart = cluster->Get(kSourceApi, "HelmChart", "app");
        return chart.has_value() && IsReady(*chart);
      })) {
    return absl::DeadlineExceededError("the HelmChart never became ready");
  }
  if (const std::string casualties = cluster->Casualties(); !casualties.empty()) {
    return absl::AbortedError(casualties);
  }
  std::cout << absl::StreamFormat("%d HelmReleases of %d objects, on %s\n", options.releases,
                                  kObjects,
                                  cluster->has_faults() ? "the development API server"
                                                        : "the cluster of SLUICE_TEST_KUBECONFIG");
  RETURN_IF_ERROR(bench.Phase(
      "install",
      [&] {
        return bench.ForEach(
            [&](const std::string& name) { return cluster->Apply(ReleaseManifest(name)); });
      },
      IsReady));

  RETURN_IF_ERROR(bench.Commit("1.1.0"));
  RETURN_IF_ERROR(bench.Phase(
      "upgrade", [&] { return cluster->Trigger(kSourceApi, "GitRepository", "repo"); },
      [](const Value& object) {
        return IsReady(object) &&
               object["status"]["history"].at(0)["chartVersion"].str() == "1.1.0";
      }));

  return bench.Phase(
      "no-op",
      [&] {
        return bench.ForEach([&](const std::string& name) {
          return cluster->Trigger(kHelmApi, "HelmRelease", name);
        });
      },
      [](const Value& object) {
        const absl::string_view handled = object["status"]["lastHandledReconcileAt"].str();
        return IsReady(object) && !handled.empty() &&
               kube::Annotation(object, "reconcile.fluxcd.io/requestedAt") == handled;
      });
}

int Main(int argc, char** argv) {
  Options options;
  Command command("mttp_helm", "Measures install, upgrade and no-op of many HelmReleases.");
  command.Int("--releases", options.releases, "how many");
  command.Int("--concurrent", options.concurrent, "workers of helm-controller");
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  const absl::Status measured = Measure(options);
  if (measured.ok()) return 0;
  std::cerr << measured.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace sluice::e2e

int main(int argc, char** argv) { return sluice::e2e::Main(argc, argv); }
