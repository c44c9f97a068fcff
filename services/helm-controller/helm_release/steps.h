// The actions with their bookkeeping: conditions, events, counters, history (spec/helm.md §2.14).
//
// Each ends with the status as it should be shown, not yet patched. An error means that nothing
// came of it that the next look would find: trying again is safe. Failures that are on record in
// Helm's storage are no errors here.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/base/context.h"
#include "services/helm-controller/helm_release/work.h"

namespace sluice::helm_controller {

absl::Status InstallStep(const Context& ctx, Work& work);
absl::Status UpgradeStep(const Context& ctx, Work& work);
absl::Status TestStep(const Context& ctx, Work& work);
absl::Status RollbackStep(const Context& ctx, Work& work);
absl::Status UninstallRemediationStep(const Context& ctx, Work& work);
absl::Status UnlockStep(const Context& ctx, Work& work);

// Uninstalls the release that the history tells of, for good: the HelmRelease is deleted, or names
// another release now. Needs no chart; `storage` is where the release was stored.
absl::Status UninstallStep(const Context& ctx, Environment& with, Session& session);

}  // namespace sluice::helm_controller
