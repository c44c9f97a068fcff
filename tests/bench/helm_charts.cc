// How long source-controller takes to publish many charts of one Helm repository, and how much
// memory it needs for that: first all of them, then each once more when nothing has changed.
//
//   build/release/bin/helm_charts [--charts 1000] [--concurrent 4]

// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/flags/command.h"
#include "common/helm/package.h"
#include "common/http/server.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

constexpr absl::Duration kLimit = absl::Minutes(10);

struct Options {
  int charts = 1000;
  int concurrent = 4;
};

std::string NameOf(int chart) { return absl::StrFormat("chart-%04d", chart); }

std::string ArchiveOf(const std::string& name) {
  helm::Metadata metadata;
  metadata.name = name;
  metadata.version = "1.0.0";
  metadata.api_version = "v2";
  std::vector<helm::ChartFile> files = {{"values.yaml", "replicas: 1\n"}};
  for (int i = 0; i < 10; ++i) {
    files.push_back({absl::StrCat("templates/", i, ".yaml"), std::string(500, 'x')});
  }
  return helm::Package(metadata, files, absl::UnixEpoch()).value();
}

http::ServerResponse Answer(const Options& options, const http::ServerRequest& request) {
  if (request.path == "/index.yaml") {
    std::string index = "apiVersion: v1\nentries:\n";
    for (int i = 0; i < options.charts; ++i) {
      const std::string name = NameOf(i);
      absl::StrAppend(&index, "  ", name, ":\n  - {name: ", name, ", version: 1.0.0, urls: [", name,
                      ".tgz]}\n");
    }
    return {.body = index};
  }
  absl::string_view name = request.path;
  if (!absl::ConsumePrefix(&name, "/") || !absl::ConsumeSuffix(&name, ".tgz")) {
    return {.status = 404};
  }
  return {.body = ArchiveOf(std::string(name))};
}

Value Chart(int chart) {
  return {{"apiVersion", kSourceApi},
          {"kind", "HelmChart"},
          {"metadata", {{"name", NameOf(chart)}}},
          {"spec",
           {{"interval", "1h"},
            {"chart", NameOf(chart)},
            {"version", "*"},
            {"sourceRef", {{"kind", "HelmRepository"}, {"name", "repo"}}}}}};
}

// Waits until `done` of every chart, asking again only about those that are not.
absl::Status Await(const Options& options, Cluster& cluster,
                   const std::function<bool(const Value& chart)>& done) {
  int next = 0;
  const bool all = Eventually(kLimit, [&] {
    while (next < options.charts) {
      const auto chart = cluster.Get(kSourceApi, "HelmChart", NameOf(next));
      if (!chart.has_value() || !done(*chart)) return false;
      ++next;
    }
    return true;
  });
  if (all) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat(NameOf(next), " is not done:\n", cluster.Describe()));
}

absl::Status Measure(const Options& options) {
  const auto server = http::Server::Start(
      {.address = "127.0.0.1:0"},
      [&](const Context&, const http::ServerRequest& request) { return Answer(options, request); });
  RETURN_IF_ERROR(server.status());
  ClusterOptions cluster_options;
  cluster_options.controllers = {"source-controller"};
  cluster_options.flags["source-controller"] = {"--concurrent", absl::StrCat(options.concurrent)};
  ASSIGN_OR_RETURN(const auto cluster, Cluster::Start(cluster_options));
  Process& controller = cluster->process("source-controller");
  RETURN_IF_ERROR(cluster->Apply(
      {{"apiVersion", kSourceApi},
       {"kind", "HelmRepository"},
       {"metadata", {{"name", "repo"}}},
       {"spec",
        {{"interval", "1h"}, {"url", absl::StrCat("http://127.0.0.1:", (*server)->port())}}}}));
  if (!Eventually(absl::Minutes(1), [&] {
        return ReadyMessage(cluster->Get(kSourceApi, "HelmRepository", "repo"), "True").has_value();
      })) {
    return absl::DeadlineExceededError(cluster->Describe());
  }
  const Process::Usage idle = controller.usage();
  absl::Time begun = RealClock().Now();
  for (int i = 0; i < options.charts; ++i) RETURN_IF_ERROR(cluster->Apply(Chart(i)));
  RETURN_IF_ERROR(Await(options, *cluster, [](const Value& chart) {
    return ReadyMessage(chart, "True").has_value();
  }));
  const Process::Usage published = controller.usage();
  std::cout << absl::StreamFormat(
      "%d charts published in %.1f s (%.1f s of CPU); peak memory %.1f MiB, before %.1f MiB\n",
      options.charts, absl::ToDoubleSeconds(RealClock().Now() - begun),
      published.cpu_seconds - idle.cpu_seconds, published.peak_mib, idle.peak_mib);

  begun = RealClock().Now();
  for (int i = 0; i < options.charts; ++i) {
    RETURN_IF_ERROR(cluster->Trigger(kSourceApi, "HelmChart", NameOf(i)));
  }
  RETURN_IF_ERROR(Await(options, *cluster, [](const Value& chart) {
    return !chart["status"]["lastHandledReconcileAt"].str().empty();
  }));
  const Process::Usage again = controller.usage();
  std::cout << absl::StreamFormat(
      "looked at again, nothing new: %.1f s (%.1f s of CPU); peak memory %.1f MiB\n",
      absl::ToDoubleSeconds(RealClock().Now() - begun), again.cpu_seconds - published.cpu_seconds,
      again.peak_mib);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  Command command("helm_charts", "Measures the charts of one Helm repository.");
  command.Int("--charts", options.charts, "how many charts");
  command.Int("--concurrent", options.concurrent, "how many are worked on at a time");
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  const absl::Status status = Measure(options);
  if (status.ok()) return 0;
  std::cerr << status.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace sluice::e2e

int main(int argc, char** argv) { return sluice::e2e::Main(argc, argv); }
