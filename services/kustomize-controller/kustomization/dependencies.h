// dependsOn: may this Kustomization be applied yet? (spec/kustomize.md §2.3)

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/api/kustomize/kustomization.h"
#include "common/base/context.h"
#include "common/kube/client.h"

namespace sluice::kustomize_controller {

// OK when every dependency is ready and, where it has the same source, has applied `revision`. The
// first that is not decides: kFailedPrecondition, worded as Flux words it.
absl::Status CheckDependencies(const Context& ctx, kube::Client& client,
                               const api::KustomizationSpec& spec, const std::string& revision);

}  // namespace sluice::kustomize_controller
