// As whom, and in which cluster, a HelmRelease is worked on (spec/helm.md §2.20).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/base/context.h"
#include "common/remote_cluster/target.h"
#include "services/helm-controller/helm_release/services.h"
#include "services/helm-controller/helm_release/session.h"

namespace sluice::helm_controller {

// "" is the controller itself.
std::string UserOf(const Session& session, const Options& options);

// The cluster of spec.kubeConfig, or our own, as UserOf(). Errors are those of
// remote_cluster::Clusters.
absl::StatusOr<remote_cluster::Target> Reach(const Context& ctx, const Services& services,
                                             const Session& session);

}  // namespace sluice::helm_controller
