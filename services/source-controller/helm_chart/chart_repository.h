// A Helm repository as charts see it: versions and archives.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/api/meta/artifact.h"
#include "common/api/source/helm_repository.h"
#include "common/base/context.h"
#include "common/helm_repository/chart_versions.h"
#include "services/source-controller/helm_repository/index_cache.h"
#include "services/source-controller/source/collaborators.h"

namespace sluice::source_controller {

// Thread-safe.
class ChartRepository {
 public:
  virtual ~ChartRepository() = default;

  // The version that `wanted` means. Errors carry a ChartFailure.
  virtual absl::StatusOr<helm_repository::ChartVersion> Choose(const Context& ctx,
                                                               const std::string& chart,
                                                               const std::string& wanted) = 0;
  // The archive of a version that Choose() gave. Errors have no reason.
  virtual absl::StatusOr<std::string> Download(const Context& ctx, const std::string& chart,
                                               const helm_repository::ChartVersion& version) = 0;
};

// What a HelmRepository is, and what its status says.
struct HelmRepositorySource {
  kube::ObjectKey key;
  api::HelmRepositorySpec spec;
  std::optional<api::Artifact> artifact;  // the index; without one it is downloaded
};

// Errors carry the reason of the event: "AuthenticationFailed", "URLInvalid", "Failed". What `with`
// and `cache` refer to must outlive the result. `cache_full` is called when there was no room for
// the index.
absl::StatusOr<std::unique_ptr<ChartRepository>> OpenChartRepository(
    const Context& ctx, const Collaborators& with, IndexCache& cache,
    const HelmRepositorySource& source);

}  // namespace sluice::source_controller
