// Mean time to production, as Flux's benchmark has it: many Kustomizations of four objects each
// (a Deployment without replicas, a Service, a ServiceAccount, an Ingress) are installed, upgraded
// by one commit, and reconciled with nothing to do.
//
//   build/release/bin/mttp [--kustomizations 100] [--concurrent 10] [--troubled 0]
//
// On a development API server, or the cluster that SLUICE_TEST_KUBECONFIG names. Prints seconds,
// objects per second, API requests per Kustomization, CPU seconds and peak memory of the processes.

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

constexpr int kObjects = 4;  // of one Kustomization
constexpr absl::Duration kLimit = absl::Minutes(10);
const kube::Resource kKustomizations{"kustomize.toolkit.fluxcd.io", "v1", "kustomizations",
                                     "Kustomization", true};

struct Options {
  int kustomizations = 100;
  int concurrent = 10;  // --concurrent of kustomize-controller
  int troubled = 0;     // further ones, of which half wait for ever and half fail every second
};

std::string NameOf(int i) { return absl::StrFormat("app-%04d", i); }

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

class Bench {
 public:
  Bench(Cluster& cluster, GitRepository& git, const Options& options, std::string metrics)
      : cluster_(cluster),
        git_(git),
        options_(options),
        metrics_(std::move(metrics)),
        http_(http::CreateClient({}).value()),
        count_(cluster.client(), kKustomizations, cluster.ns()) {}

  // All folders at `version`, as one commit; its id.
  absl::StatusOr<std::string> Commit(const std::string& version) {
    for (int i = 0; i < options_.kustomizations; ++i) {
      git_.Write(absl::StrCat("apps/", NameOf(i), "/app.yaml"),
                 Manifests(cluster_.ns(), NameOf(i), version));
    }
    return git_.Commit(absl::StrCat("Version ", version));
  }

  // Kustomizations beside those that are measured: of a Deployment that never becomes ready, and of
  // a kind that nobody serves.
  absl::Status AddTroubled(GitRepository& git) {
    for (int i = 0; i < options_.troubled; ++i) {
      const std::string name = absl::StrCat("troubled-", i);
      const bool hangs = i % 2 == 0;
      git.Write(absl::StrCat("troubled/", name, "/object.yaml"),
                absl::StrCat(hangs ? "{apiVersion: apps/v1, kind: Deployment, "
                                   : "{apiVersion: example.org/v1, kind: Unknown, ",
                             "metadata: {name: ", name, ", namespace: ", cluster_.ns(),
                             "}, spec: {selector: {matchLabels: {app: x}}, template: {metadata: "
                             "{labels: {app: x}}, spec: {containers: [{name: c, image: x}]}}}}"));
    }
    if (options_.troubled == 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string commit, git.Commit("Trouble"));
    RETURN_IF_ERROR(cluster_.Trigger(kSourceApi, "GitRepository", "repo"));
    if (!Eventually(kLimit, [&] {
          const auto source = cluster_.Get(kSourceApi, "GitRepository", "repo");
          return source.has_value() &&
                 absl::EndsWith((*source)["status"]["artifact"]["revision"].str(), commit);
        })) {
      return absl::DeadlineExceededError("the troubled folders never became an artifact");
    }
    for (int i = 0; i < options_.troubled; ++i) {
      const std::string name = absl::StrCat("troubled-", i);
      Value object = KustomizationManifest(name, "repo", absl::StrCat("./troubled/", name), "1h");
      object.Ensure("spec").Set("wait", true);
      object.Ensure("spec").Set("timeout", "1h");
      RETURN_IF_ERROR(cluster_.Apply(object));
    }
    return absl::OkStatus();
  }

  // Calls `act` for every Kustomization, waits until `done` holds for all of them, and prints what
  // that took.
  absl::Status Phase(const char* name, const std::function<absl::Status()>& act,
                     const std::function<bool(const Value&)>& done) {
    const double requests = Requests();
    std::vector<std::pair<std::string, Process::Usage>> before = Usages();
    const absl::Time begun = RealClock().Now();
    RETURN_IF_ERROR(act());
    const double asked = absl::ToDoubleSeconds(RealClock().Now() - begun);
    const int count = count_.Await(
        [&done](const Value& object) {
          return !absl::StartsWith(kube::Name(object), "troubled-") && done(object);
        },
        options_.kustomizations, kLimit);
    const double seconds = absl::ToDoubleSeconds(RealClock().Now() - begun);
    if (count < options_.kustomizations) {
      return absl::DeadlineExceededError(
          absl::StrCat(name, ": only ", count, " of ", options_.kustomizations, " are done"));
    }
    std::cout << absl::StreamFormat(
        "%-8s %7.2f s (asked for after %.2f s), %6.0f objects/s, %5.1f requests/Kustomization\n",
        name, seconds, asked, kObjects * options_.kustomizations / seconds,
        (Requests() - requests) / options_.kustomizations);
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
    ParallelFor(static_cast<size_t>(options_.kustomizations), 4, [&](size_t i) {
      const absl::Status status = body(NameOf(static_cast<int>(i)));
      absl::MutexLock lock(&mutex);
      if (first.ok()) first = status;
      return status.ok();
    });
    return first;
  }

 private:
  // Of kustomize-controller, so far.
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
    std::vector<std::string> names = {"source-controller", "kustomize-controller"};
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

absl::Status Measure(const Options& options) {
  const std::string metrics = absl::StrCat("127.0.0.1:", FreePort());
  ASSIGN_OR_RETURN(const auto cluster,
                   Cluster::Start({.flags = {{"kustomize-controller",
                                              {"--metrics-addr", metrics, "--concurrent",
                                               absl::StrCat(options.concurrent)}}}}));
  ASSIGN_OR_RETURN(GitRepository git,
                   GitRepository::Create(absl::StrCat(cluster->git_root(), "/repo")));
  Bench bench(*cluster, git, options, absl::StrCat("http://", metrics, "/metrics"));
  RETURN_IF_ERROR(bench.Commit("1.0.0").status());
  RETURN_IF_ERROR(cluster->Apply(
      GitRepositoryManifest("repo", absl::StrCat(cluster->git_url(), "/repo"), "1h")));
  if (!Eventually(kLimit, [&] {
        if (!cluster->Casualties().empty()) return true;
        const auto source = cluster->Get(kSourceApi, "GitRepository", "repo");
        return source.has_value() && IsReady(*source);
      })) {
    return absl::DeadlineExceededError("the GitRepository never became ready");
  }
  if (const std::string casualties = cluster->Casualties(); !casualties.empty()) {
    return absl::AbortedError(casualties);
  }
  std::cout << absl::StreamFormat("%d Kustomizations of %d objects, on %s\n",
                                  options.kustomizations, kObjects,
                                  cluster->has_faults() ? "the development API server"
                                                        : "the cluster of SLUICE_TEST_KUBECONFIG");
  RETURN_IF_ERROR(bench.AddTroubled(git));
  RETURN_IF_ERROR(bench.Phase(
      "install",
      [&] {
        return bench.ForEach([&](const std::string& name) {
          return cluster->Apply(
              KustomizationManifest(name, "repo", absl::StrCat("./apps/", name), "1h"));
        });
      },
      IsReady));

  ASSIGN_OR_RETURN(const std::string commit, bench.Commit("1.1.0"));
  RETURN_IF_ERROR(bench.Phase(
      "upgrade", [&] { return cluster->Trigger(kSourceApi, "GitRepository", "repo"); },
      [&](const Value& object) {
        return IsReady(object) &&
               absl::EndsWith(object["status"]["lastAppliedRevision"].str(), commit);
      }));

  return bench.Phase(
      "no-op",
      [&] {
        return bench.ForEach([&](const std::string& name) {
          return cluster->Trigger(kKustomizeApi, "Kustomization", name);
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
  Command command("mttp", "Measures install, upgrade and no-op of many Kustomizations.");
  command.Int("--kustomizations", options.kustomizations, "how many");
  command.Int("--concurrent", options.concurrent, "workers of kustomize-controller");
  command.Int("--troubled", options.troubled, "more of them that hang or fail, not measured");
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  const absl::Status measured = Measure(options);
  if (measured.ok()) return 0;
  std::cerr << measured.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace sluice::e2e

int main(int argc, char** argv) { return sluice::e2e::Main(argc, argv); }
