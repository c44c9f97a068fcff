// What operators see of a running suite: metrics under Flux's names, events at
// notification-controller, traces at a collector, log lines that say whose they are.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"

namespace sluice::chart {
namespace {

using e2e::Cluster;
using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(40);

// Takes what is posted to it.
class Receiver {
 public:
  Receiver()
      : server_(http::Server::Start({.address = "127.0.0.1:0"},
                                    [this](const Context&, const http::ServerRequest& request) {
                                      absl::MutexLock lock(&mutex_);
                                      bodies_.push_back(value::ParseJson(request.body).value());
                                      return http::ServerResponse{.status = 202};
                                    })
                    .value()) {}
  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port(), "/"); }
  std::vector<Value> bodies() {
    absl::MutexLock lock(&mutex_);
    return bodies_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<Value> bodies_;
  std::unique_ptr<http::Server> server_;
};

// The ids of the traces in which a span of this name stands.
std::map<std::string, std::set<std::string>> TracesBySpan(Receiver& collector) {
  std::map<std::string, std::set<std::string>> traces;
  for (const Value& body : collector.bodies()) {
    for (const Value& span : body["resourceSpans"].at(0)["scopeSpans"].at(0)["spans"].items()) {
      traces[std::string(span["name"].str())].emplace(span["traceId"].str());
    }
  }
  return traces;
}

const std::vector<std::string> kEveryMetric = {"controller_runtime_active_workers",
                                               "controller_runtime_max_concurrent_reconciles",
                                               "controller_runtime_reconcile_errors_total",
                                               "controller_runtime_reconcile_panics_total",
                                               "controller_runtime_reconcile_time_seconds_bucket",
                                               "controller_runtime_reconcile_total",
                                               "gotk_reconcile_duration_seconds_bucket",
                                               "gotk_reconcile_duration_seconds_count",
                                               "gotk_reconcile_duration_seconds_sum",
                                               "leader_election_master_status",
                                               "process_cpu_seconds_total",
                                               "process_open_fds",
                                               "process_resident_memory_bytes",
                                               "process_start_time_seconds",
                                               "rest_client_requests_total",
                                               "workqueue_adds_total",
                                               "workqueue_depth",
                                               "workqueue_longest_running_processor_seconds",
                                               "workqueue_queue_duration_seconds_bucket",
                                               "workqueue_retries_total",
                                               "workqueue_unfinished_work_seconds",
                                               "workqueue_work_duration_seconds_bucket"};

TEST_CASE("metrics, events, traces and logs tell what happens", "[chart]") {
  Receiver notification;
  Receiver collector;
  const std::vector<std::string> names = {"source-controller", "kustomize-controller",
                                          "helm-controller", "image-controller"};
  e2e::ClusterOptions options;
  options.controllers = names;
  std::map<std::string, std::string> metrics;
  for (const std::string& name : names) {
    metrics[name] = absl::StrCat("127.0.0.1:", e2e::ReservePort());
    options.flags[name] = {
        "--events-addr",  notification.url(), "--otlp-endpoint",          collector.url(),
        "--metrics-addr", metrics[name],      "--enable-leader-election", "--log-level=debug"};
  }
  auto started = Cluster::Start(options);
  REQUIRE_THAT(started.status(), IsOk());
  Cluster& cluster = **started;
  const std::string ns = cluster.ns();
  auto git = e2e::GitRepository::Create(absl::StrCat(cluster.git_root(), "/repo"));
  REQUIRE(git.ok());
  git->Write("app/config.yaml", e2e::ConfigMapYaml(ns, "config", "a", "1"));
  git->Write("chart/Chart.yaml", "apiVersion: v2\nname: app\nversion: 0.1.0\n");
  git->Write("chart/templates/config.yaml",
             "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-release}\n");
  REQUIRE(git->Commit("1").ok());
  REQUIRE_THAT(cluster.Apply(e2e::GitRepositoryManifest("repo", cluster.git_url() + "/repo")),
               IsOk());
  Value kustomization = e2e::KustomizationManifest("app", "repo", "./app");
  kustomization.Ensure("spec").Set("wait", true);
  REQUIRE_THAT(cluster.Apply(std::move(kustomization)), IsOk());
  REQUIRE_THAT(
      cluster.Apply({{"apiVersion", "helm.toolkit.fluxcd.io/v2"},
                     {"kind", "HelmRelease"},
                     {"metadata", {{"name", "app"}}},
                     {"spec",
                      {{"interval", "1m"},
                       {"chart",
                        {{"spec",
                          {{"chart", "chart"},
                           {"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}}}}}}}}}),
      IsOk());
  REQUIRE_THAT(cluster.Apply({{"apiVersion", "image.toolkit.fluxcd.io/v1"},
                              {"kind", "ImageRepository"},
                              {"metadata", {{"name", "none"}}},
                              {"spec", {{"interval", "1m"}, {"image", "127.0.0.1:1/none"}}}}),
               IsOk());

  const std::string source = absl::StrCat("GitRepository/", ns, "/repo");
  const std::string applied = absl::StrCat("Kustomization/", ns, "/app");
  const std::string chart = absl::StrCat("HelmChart/", ns, "/", ns, "-app");
  const std::string release = absl::StrCat("HelmRelease/", ns, "/app");
  std::map<std::string, std::set<std::string>> traces;
  const bool traced = e2e::Eventually(kLimit, [&] {
    traces = TracesBySpan(collector);
    return traces.contains(source) && traces.contains(applied) && traces.contains(release) &&
           traces.contains(chart);
  });
  if (!traced) UNSCOPED_INFO(cluster.Describe());
  REQUIRE(traced);

  SECTION("one trace leads from the fetch to healthy objects") {
    CHECK(traces[applied] == traces[source]);
    CHECK(traces[release] == traces[chart]);
    CHECK(traces[source].size() == 1);
    for (const char* stage : {"fetch", "artifact", "build", "apply", "healthy"}) {
      CAPTURE(stage);
      CHECK(traces[stage].contains(*traces[source].begin()));
    }
    CHECK(traces["install"] == traces[chart]);
  }

  SECTION("events are posted by every controller") {
    std::set<std::string> kinds;
    CHECK(e2e::Eventually(kLimit, [&] {
      for (const Value& event : notification.bodies()) {
        CHECK(event["involvedObject"]["namespace"].str() == ns);
        CHECK_FALSE(event["reportingController"].str().empty());
        kinds.emplace(event["involvedObject"]["kind"].str());
      }
      return kinds.size() >= 5;
    }));
    CHECK(kinds == std::set<std::string>{"GitRepository", "HelmChart", "HelmRelease",
                                         "ImageRepository", "Kustomization"});
  }

  SECTION("every controller has Flux's metrics") {
    auto transport = http::CreateClient({}).value();
    for (const std::string& name : names) {
      http::Request request;
      request.url = absl::StrCat("http://", metrics[name], "/metrics");
      std::vector<std::string> missing;
      e2e::Eventually(kLimit, [&] {
        const auto answer =
            transport->Send(Context::Background().WithTimeout(absl::Seconds(5)), request);
        missing.clear();
        for (const std::string& metric : kEveryMetric) {
          const bool there =
              answer.ok() && (absl::StrContains(answer->body, absl::StrCat("\n", metric, "{")) ||
                              absl::StrContains(answer->body, absl::StrCat("\n", metric, " ")));
          if (!there) {
            missing.push_back(metric);
          }
        }
        return missing.empty();
      });
      CAPTURE(name);
      CHECK(missing.empty());
    }
  }

  SECTION("lines about an object are JSON and say whose attempt they are of") {
    size_t attempts = 0;
    for (const std::string& name : names) {
      for (const absl::string_view line :
           absl::StrSplit(cluster.process(name).Output(), '\n', absl::SkipEmpty())) {
        const auto entry = value::ParseJson(line);
        CAPTURE(name, std::string(line));
        REQUIRE(entry.ok());
        for (const char* key : {"level", "ts", "msg"}) CHECK(entry->Has(key));
        if (!entry->Has("controllerKind") || !entry->Has("name")) continue;
        CHECK((*entry)["reconcileID"].str().size() == 36);
        CHECK(entry->Has("namespace"));
        ++attempts;
      }
    }
    CHECK(attempts > 0);
  }
}

}  // namespace
}  // namespace sluice::chart
