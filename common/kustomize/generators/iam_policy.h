// IAMPolicyGenerator: a ServiceAccount bound to a cloud account.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/kustomize/build_state.h"
#include "common/value/value.h"

namespace sluice::kustomize {

// From a plugin file. Only Google's cloud is known.
absl::StatusOr<Resource*> GenerateIamPolicy(BuildState& state, const Value& config);

}  // namespace sluice::kustomize
