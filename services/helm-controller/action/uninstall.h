// Uninstalling a release (spec/helm.md §5.5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/api/helm/helm_release.h"
#include "services/helm-controller/action/environment.h"

namespace sluice::helm_controller {

// kNotFound "release: not found" if there is no such release, kFailedPrecondition "… is already
// deleted" for one that is over and whose history is kept. A release whose uninstallation was cut
// short goes on where it was.
absl::Status Uninstall(const Context& ctx, const Environment& with, const std::string& name,
                       const api::UninstallSpec& spec);

}  // namespace sluice::helm_controller
