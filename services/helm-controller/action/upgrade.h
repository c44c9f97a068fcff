// Upgrading a release (spec/helm.md §5.5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/api/helm/helm_release.h"
#include "services/helm-controller/action/release_request.h"

namespace sluice::helm_controller {

// An error means that the upgrade failed; as long as no revision was stored, nothing was changed.
absl::Status Upgrade(const Context& ctx, const Environment& with, const ReleaseRequest& request,
                     const api::UpgradeSpec& spec);

}  // namespace sluice::helm_controller
