// What is done before a HelmRelease goes (spec/helm.md §2.18).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/base/context.h"
#include "services/helm-controller/helm_release/services.h"
#include "services/helm-controller/helm_release/session.h"

namespace sluice::helm_controller {

// Uninstalls the release and deletes its HelmChart, unless the HelmRelease is suspended. Nothing
// can be done, and nothing is, once the identity to do it as is gone. An error, which is in the
// conditions, keeps the object.
absl::Status Finalize(const Context& ctx, const Services& services, Session& session);

// Uninstalls the release that status.history tells of, as it was stored.
absl::Status UninstallRecorded(const Context& ctx, const Services& services, Session& session);

}  // namespace sluice::helm_controller
