// A Helm repository as charts see it: versions and archives.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/api/meta/artifact.h"
#include "common/api/source/helm_repository.h"
#include "common/base/context.h"
#include "common/helm_repository/chart_versions.h"
#include "services/source-controller/helm_repository/index_cache.h"
#include "services/source-controller/source/cloud_access.h"
#include "services/source-controller/source/collaborators.h"
#include "services/source-controller/verification/verification.h"

namespace sluice::source_controller {

// Not thread-safe.
class ChartRepository {
 public:
  virtual ~ChartRepository() = default;

  // The version that `wanted` means. Errors carry a ChartFailure.
  virtual absl::StatusOr<helm_repository::ChartVersion> Choose(const Context& ctx,
                                                               const std::string& chart,
                                                               const std::string& wanted) = 0;
  // Whether a version that Choose() gave is signed as `verify` asks for. If it is, Download() gives
  // what was verified, whatever becomes of the tag. Repositories over HTTP have no signatures.
  virtual absl::StatusOr<Verdict> Verify(const Context&, const std::string& chart,
                                         const helm_repository::ChartVersion&,
                                         const api::OciVerification&) {
    return absl::UnimplementedError(
        absl::StrCat("failed to verify chart '", chart, "': not implemented"));
  }
  // The archive of a version that Choose() gave. Errors have no reason.
  virtual absl::StatusOr<std::string> Download(const Context& ctx, const std::string& chart,
                                               const helm_repository::ChartVersion& version) = 0;

  // Whether the index could not be kept in memory though it was to be.
  virtual bool cache_full() const { return false; }
};

// What a HelmRepository is, and what its status says.
struct HelmRepositorySource {
  kube::ObjectKey key;
  api::HelmRepositorySpec spec;
  std::optional<api::Artifact> artifact;  // the index; without one it is downloaded
};

// Errors carry the reason of the event: "AuthenticationFailed", "URLInvalid", "Failed". What
// `with`, `cloud` and `cache` refer to must outlive the result.
absl::StatusOr<std::unique_ptr<ChartRepository>> OpenChartRepository(
    const Context& ctx, const Collaborators& with, const CloudAccess& cloud, IndexCache& cache,
    const HelmRepositorySource& source);

}  // namespace sluice::source_controller
