// spec.dependsOn of a HelmRelease (spec/helm.md §2.5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/base/context.h"
#include "services/helm-controller/helm_release/services.h"
#include "services/helm-controller/helm_release/session.h"

namespace sluice::helm_controller {

// OK if all dependencies are ready. kFailedPrecondition, naming the first that is not;
// kInvalidArgument if an expression can never be evaluated.
absl::Status CheckDependencies(const Context& ctx, const Services& services, const Session& session,
                               bool check_ready_as_well);

}  // namespace sluice::helm_controller
