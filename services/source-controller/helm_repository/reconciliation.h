// The reconciliation of a HelmRepository of type "default" (spec/source.md §4.1): download the
// index, check it, store it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/api/source/helm_repository.h"
#include "common/disk/temp_dir.h"
#include "services/source-controller/helm_repository/access.h"
#include "services/source-controller/helm_repository/index_cache.h"
#include "services/source-controller/source/reconciliation.h"

namespace sluice::source_controller {

class HelmRepositoryReconciliation : public Reconciliation {
 public:
  // `cache` too must outlive it.
  HelmRepositoryReconciliation(const Collaborators& with, IndexCache& cache, Value object);

 protected:
  absl::Status ReadSpec(const Value& spec) override;
  Outcome Publish(const Context& ctx) override;
  void EncodeObserved(Value&) const override {}
  std::string ArtifactEventMessage() const override;

 private:
  struct Downloaded {
    std::string revision;  // "sha256:…" of the bytes
    bool unchanged;        // they are those of the artifact
  };
  absl::StatusOr<Downloaded> Download(const Context& ctx, const HelmAccess& access,
                                      const disk::TempDir& directory);
  Outcome Store(const Context& ctx, const disk::TempDir& directory, const std::string& revision);

  IndexCache& cache_;
  api::HelmRepositorySpec spec_;
};

}  // namespace sluice::source_controller
