// Installing a release (spec/helm.md §5.4).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/api/helm/helm_release.h"
#include "services/helm-controller/action/release_request.h"

namespace sluice::helm_controller {

// An error means that the release failed. Whether a revision tells of it is for the storage to say
// (Storage::OnWrite): up to then nothing was changed in the cluster, but for its namespace.
absl::Status Install(const Context& ctx, const Environment& with, const ReleaseRequest& request,
                     const api::InstallSpec& spec, bool create_namespace);

}  // namespace sluice::helm_controller
