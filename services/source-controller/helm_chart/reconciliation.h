// The reconciliation of a HelmChart (spec/source.md §4.4): find the source, build, publish.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/api/source/helm_chart.h"
#include "services/source-controller/helm_chart/build.h"
#include "services/source-controller/helm_chart/chart_repository.h"
#include "services/source-controller/source/reconciliation.h"

namespace sluice::source_controller {

class HelmChartReconciliation : public Reconciliation {
 public:
  // `cloud` and `cache` too must outlive it.
  HelmChartReconciliation(const Collaborators& with, const CloudAccess& cloud, IndexCache& cache,
                          Value object);

 protected:
  absl::Status ReadSpec(const Value& spec) override;
  Outcome Publish(const Context& ctx) override;
  void EncodeObserved(Value& status) const override { observed_.EncodeInto(status); }
  std::string ArtifactEventMessage() const override { return build_.Summary(); }
  absl::string_view ArtifactEventReason() const override { return build_.Reason(); }
  absl::string_view RecoveryEventReason() const override { return build_.Reason(); }

 private:
  // The artifact of `source`, if it is in storage.
  std::optional<api::Artifact> ArtifactOf(const Value& source) const;
  ChartBuildOptions BuildOptions() const;
  absl::Status BuildFromRepository(const Context& ctx, const Value& source);
  absl::Status BuildFromFiles(const Context& ctx, const api::Artifact& source);
  absl::StatusOr<std::unique_ptr<ChartRepository>> RepositoryOf(const Context& ctx,
                                                                const std::string& url);
  HelmRepositorySource SourceOf(const Value& repository, api::HelmRepositorySpec spec) const;
  // Puts a failed build into conditions; the outcome.
  Outcome Observe(const absl::Status& error);
  Outcome Store(const Context& ctx);

  const CloudAccess& cloud_;
  IndexCache& cache_;
  api::HelmChartSpec spec_;
  api::HelmChartObserved observed_;
  ChartBuild build_;
};

}  // namespace sluice::source_controller
