// The HelmChart that belongs to a HelmRelease with a chart template (spec/helm.md §2.6).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/base/context.h"
#include "services/helm-controller/helm_release/services.h"
#include "services/helm-controller/helm_release/session.h"

namespace sluice::helm_controller {

// Makes the cluster have the HelmChart that the spec describes, or none with a chartRef; one made
// for an earlier spec goes. Changes status.helmChart.
absl::Status ReconcileChartObject(const Context& ctx, const Services& services, Session& session);

// Deletes the HelmChart that status.helmChart names.
absl::Status DeleteChartObject(const Context& ctx, const Services& services, Session& session);

}  // namespace sluice::helm_controller
