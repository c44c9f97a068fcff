// The custom resource definitions in a chart's crds/ (spec/helm.md §5.9).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/api/helm/helm_release.h"
#include "services/helm-controller/action/release_request.h"

namespace sluice::helm_controller {

// The definitions of the chart and of those dependencies that `request.values` leave in, each with
// `labels`. kInvalidArgument, "failed to parse CustomResourceDefinitions from crds/x.yaml: …".
absl::StatusOr<std::vector<Value>> ChartDefinitions(
    const ReleaseRequest& request, const std::map<std::string, std::string>& labels);

// Makes the cluster have them as `policy` says, and waits up to a minute until they are served.
// Errors begin with "failed to create CustomResourceDefinition" or the like.
absl::Status ApplyDefinitions(const Context& ctx, const Environment& with,
                              const std::vector<Value>& definitions, api::CrdPolicy policy,
                              bool server_side);

}  // namespace sluice::helm_controller
