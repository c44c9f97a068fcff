// For tests: HelmCharts, and a Helm repository that serves charts for them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/fs/memory_tree.h"
#include "common/helm/archive_files.h"
#include "common/helm/package.h"
#include "common/testing/status_matchers.h"
#include "services/source-controller/helm_chart/reconciliation.h"
#include "services/source-controller/helm_repository/reconciler.h"
#include "services/source-controller/source/reconciler.h"
#include "tests/sources/test_controller.h"

namespace sluice::sources {

using Files = std::map<std::string, std::string>;

inline std::string ChartYaml(const std::string& name, const std::string& version,
                             const std::string& more = "") {
  return absl::StrCat("apiVersion: v2\nname: ", name, "\nversion: ", version, "\n", more);
}

inline std::string Archive(const std::string& name, const std::string& version,
                           const Files& more = {}) {
  helm::Metadata metadata;
  metadata.name = name;
  metadata.version = version;
  metadata.api_version = "v2";
  std::vector<helm::ChartFile> files = {{"values.yaml", "size: 1\nkeep: true\n"},
                                        {"templates/a.yaml", "a: {{ .Values.size }}\n"}};
  for (const auto& [path, text] : more) files.push_back({path, text});
  return helm::Package(metadata, files, absl::UnixEpoch()).value();
}

inline Files Unpack(const std::string& archive) {
  helm::LoadOptions options;
  helm::LoadBudget budget(options.limits);
  Files files;
  const auto read = helm::ReadArchiveFiles(archive, options, budget);
  REQUIRE_THAT(read.status(), testing::IsOk());
  for (const helm::ChartFile& file : *read) {
    files[file.name] = file.data;
  }
  return files;
}

// A repository with charts/web in three versions, and db in one.
class ChartServer {
 public:
  ChartServer() : server_([this](const http::ServerRequest& request) { return Answer(request); }) {}

  std::string url() const { return server_.url(); }
  std::vector<http::ServerRequest> Take() { return server_.Take(); }

  std::function<bool(const http::ServerRequest&)> allows;
  std::string chart_host;  // of the charts' URLs in the index, instead of relative ones
  Files more;              // in the charts

 private:
  http::ServerResponse Answer(const http::ServerRequest& request) {
    if (allows != nullptr && !allows(request)) return {.status = 401};
    if (absl::EndsWith(request.path, "/index.yaml")) {
      std::string index = "apiVersion: v1\nentries:\n  web:\n";
      for (const char* version : {"1.0.0", "2.0.0-beta.1", "1.1.0"}) {
        absl::StrAppend(&index, "  - {name: web, version: ", version, ", urls: ['", chart_host,
                        chart_host.empty() ? "" : "/", "web-", version, ".tgz']}\n");
      }
      absl::StrAppend(&index, "  gone:\n  - {name: gone, version: 1.0.0, urls: [gone.tgz]}\n",
                      "  db:\n  - {name: db, version: 0.3.0, urls: [db-0.3.0.tgz]}\n");
      return {.body = index};
    }
    absl::string_view name = absl::string_view(request.path).substr(request.path.rfind('/') + 1);
    if (!absl::ConsumeSuffix(&name, ".tgz") || name == "gone") return {.status = 404};
    const size_t dash = name.find('-');
    return {.body = Archive(std::string(name.substr(0, dash)), std::string(name.substr(dash + 1)),
                            more)};
  }

  NotingServer server_;
};

// Reconciles the HelmChart "c" and its source "repo".
class Charts : public TestController {
 public:
  explicit Charts(const source_controller::IndexCacheOptions& cache = {})
      : TestController({"helmrepositories", "helmcharts", "gitrepositories", "buckets"}),
        cache_(cache, storage(), RealClock(), nullptr),
        repositories_(store(), with(), cache_),
        charts_(source_controller::kHelmChart, store(), with(), [this](Value object) {
          return std::make_unique<source_controller::HelmChartReconciliation>(
              with(), cloud(), cache_, std::move(object));
        }) {}

  void AddRepository(const std::string& url, const std::string& more = "") {
    Apply(
        absl::StrCat("apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\n"
                     "metadata: {name: repo, namespace: default}\n"
                     "spec: {interval: 10m, timeout: 5s, url: '",
                     url, "'", more, "}\n"));
    REQUIRE_THAT(Reconcile(repositories_, "HelmRepository", "repo").status(), testing::IsOk());
  }
  void AddChart(const std::string& spec, const std::string& kind = "HelmRepository") {
    Apply(
        absl::StrCat("apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\n"
                     "metadata: {name: c, namespace: default}\n"
                     "spec: {interval: 10m, sourceRef: {kind: ",
                     kind, ", name: repo}, ", spec, "}\n"));
  }
  // A source of `kind` whose artifact has these files.
  void AddSource(const std::string& kind, const std::string& revision, const Files& files) {
    const char* spec = kind == "Bucket" ? "bucketName: b, endpoint: e" : "url: 'https://h/x'";
    Apply(absl::StrCat("apiVersion: source.toolkit.fluxcd.io/v1\nkind: ", kind,
                       "\nmetadata: {name: repo, namespace: default}\nspec: {interval: 10m, ", spec,
                       "}\n"));
    fs::MemoryTree tree;
    for (const auto& [path, text] : files) REQUIRE_THAT(tree.AddFile(path, text), testing::IsOk());
    api::Artifact artifact =
        storage().NewArtifact({kind, {"default", "repo"}}, revision, "x.tar.gz");
    REQUIRE_THAT(
        storage().Archive(
            api().ctx(), tree, [](absl::string_view, const fs::Entry&) { return false; }, artifact),
        testing::IsOk());
    SetStatus(kind, "repo", {{"artifact", artifact.Encode()}});
  }

  // Keeps the index of another repository.
  void FillCache() {
    api::Artifact artifact =
        storage().NewArtifact({"HelmRepository", {"default", "other"}}, "r", "index-r.yaml");
    absl::string_view rest = "{}";
    REQUIRE_THAT(storage().Store(
                     api().ctx(),
                     [&rest]() -> absl::StatusOr<absl::string_view> {
                       return std::exchange(rest, absl::string_view());
                     },
                     artifact),
                 testing::IsOk());
    CHECK(cache_.Find(api().ctx(), artifact, "any", {"default", "other"}).ok());
  }

  absl::StatusOr<runtime::Action> Run() { return Reconcile(charts_, "HelmChart", "c"); }
  Value Live() { return TestController::Live("HelmChart", "c"); }
  std::string Condition(absl::string_view type) { return ConditionText(Live(), type); }
  std::string Revision() { return std::string(Live()["status"]["artifact"]["revision"].str()); }
  // The files of the stored chart.
  Files Stored() {
    const auto artifact = api::Artifact::Decode(Live()["status"]["artifact"]);
    REQUIRE(artifact.has_value());
    std::ifstream file(absl::StrCat(storage().root(), "/", artifact->path), std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    return Unpack(bytes.str());
  }

 private:
  source_controller::IndexCache cache_;
  source_controller::HelmRepositoryReconciler repositories_;
  source_controller::SourceReconciler charts_;
};

}  // namespace sluice::sources
