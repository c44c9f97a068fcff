// How long source-controller takes to publish many charts of one Helm repository, and how much
// memory it needs for that: first all of them, then each once more when nothing has changed.
//
//   build/release/bin/helm_charts [--objects 100] [--concurrent 10]

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/flags/command.h"
#include "common/helm/package.h"
#include "common/http/server.h"
#include "tests/bench/fleet.h"
#include "tests/e2e/cluster.h"

namespace sluice::bench {
namespace {

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

std::string Index(const std::vector<std::string>& names) {
  std::string index = "apiVersion: v1\nentries:\n";
  for (const std::string& name : names) {
    absl::StrAppend(&index, "  ", name, ":\n  - {apiVersion: v2, name: ", name,
                    ", version: 1.0.0, urls: [", name, ".tgz]}\n");
  }
  return index;
}

http::ServerResponse Answer(const Fleet& fleet, const http::ServerRequest& request) {
  if (request.path == "/index.yaml") return {.body = Index(fleet.names())};
  absl::string_view name = request.path;
  if (!absl::ConsumePrefix(&name, "/") || !absl::ConsumeSuffix(&name, ".tgz")) {
    return {.status = 404};
  }
  return {.body = ArchiveOf(std::string(name))};
}

Value Chart(const std::string& name) {
  return {{"apiVersion", e2e::kSourceApi},
          {"kind", "HelmChart"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"interval", "1h"},
            {"chart", name},
            {"version", "*"},
            {"sourceRef", {{"kind", "HelmRepository"}, {"name", "repo"}}}}}};
}

absl::Status Measure(const FleetOptions& options, Figures& figures) {
  ASSIGN_OR_RETURN(const auto fleet, Fleet::Start(options, "HelmChart", {"source-controller"}));
  ASSIGN_OR_RETURN(const auto server,
                   http::Server::Start({.address = "127.0.0.1:0"},
                                       [&](const Context&, const http::ServerRequest& request) {
                                         return Answer(*fleet, request);
                                       }));
  RETURN_IF_ERROR(fleet->cluster().Apply(
      {{"apiVersion", e2e::kSourceApi},
       {"kind", "HelmRepository"},
       {"metadata", {{"name", "repo"}}},
       {"spec",
        {{"interval", "1h"}, {"url", absl::StrCat("http://127.0.0.1:", server->port())}}}}));
  RETURN_IF_ERROR(AwaitReady(fleet->cluster(), e2e::kSourceApi, "HelmRepository", "repo"));
  RETURN_IF_ERROR(fleet->Install(figures, Chart));
  return fleet->ReconcileAll(figures);
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  sluice::bench::FleetOptions options;
  sluice::Command command("helm_charts", "Measures the charts of one Helm repository.");
  options.AddTo(command);
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    return sluice::bench::Measure(options, figures);
  });
}
