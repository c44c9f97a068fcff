// Charts in an OCI registry (spec/source.md §4.5, §6.2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/base/context.h"
#include "services/source-controller/helm_chart/chart_repository.h"

namespace sluice::source_controller {

// As OpenChartRepository(), for a repository of type "oci".
absl::StatusOr<std::unique_ptr<ChartRepository>> OpenOciCharts(const Context& ctx,
                                                               const Collaborators& with,
                                                               const CloudAccess& cloud,
                                                               const HelmRepositorySource& source);

}  // namespace sluice::source_controller
