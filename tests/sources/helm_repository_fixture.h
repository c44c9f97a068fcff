// For tests: HelmRepositories, and answers of their servers.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/source-controller/helm_repository/reconciler.h"
#include "tests/sources/test_controller.h"

namespace sluice::sources {

inline constexpr char kIndex[] =
    "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, urls: [web-1.0.0.tgz]}\n";

inline http::ServerResponse Text(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "text/plain"}}, .body = std::move(body)};
}

inline std::string RepositoryManifest(const std::string& url, const std::string& more = "") {
  return absl::StrCat(
      "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\n"
      "metadata: {name: h, namespace: default}\nspec: {interval: 10m, timeout: 2s, url: '",
      url, "'", more, "}\n");
}

// Reconciles the HelmRepository "h".
class Repositories : public TestController {
 public:
  explicit Repositories(int cache = 0)
      : TestController({"helmrepositories"}),
        cache_({.max_size = cache}, storage(), RealClock(), &registry_),
        reconciler_(store(), with(), cache_) {}

  absl::StatusOr<runtime::Action> Run() { return Reconcile(reconciler_, "HelmRepository", "h"); }
  Value Live() { return TestController::Live("HelmRepository", "h"); }
  source_controller::IndexCache& cache() { return cache_; }
  std::string Metrics() { return registry_.Text(); }

 private:
  metrics::Registry registry_;
  source_controller::IndexCache cache_;
  source_controller::HelmRepositoryReconciler reconciler_;
};

}  // namespace sluice::sources
