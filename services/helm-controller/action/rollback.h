// Rolling a release back to one of its revisions (spec/helm.md §5.5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "common/api/helm/helm_release.h"
#include "services/helm-controller/action/environment.h"

namespace sluice::helm_controller {

// Makes a new revision with what revision `target` holds; nothing is rendered. `intent` is stored
// beside it.
absl::Status Rollback(const Context& ctx, const Environment& with, const std::string& name,
                      int64_t target, int64_t max_history, const api::HelmActionSpec& spec,
                      const helm_release::Intent& intent);

}  // namespace sluice::helm_controller
