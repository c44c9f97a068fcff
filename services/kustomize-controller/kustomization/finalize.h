// Deletion of a Kustomization: what happens to the objects it applied (spec/kustomize.md §4.9).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/base/context.h"
#include "services/kustomize-controller/kustomization/session.h"
#include "services/kustomize-controller/kustomization/sync.h"

namespace sluice::kustomize_controller {

// OK when the finalizer may go. An error keeps it, and the deletion is tried again.
absl::Status Finalize(const Context& ctx, const SyncServices& services, Session& session);

}  // namespace sluice::kustomize_controller
