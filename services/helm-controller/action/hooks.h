// Running a release's hooks (spec/helm.md §5.3).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "common/helm/manifests.h"
#include "services/helm-controller/action/environment.h"

namespace sluice::helm_controller {

struct HookOptions {
  absl::Duration timeout;
  bool disable_wait = false;  // deletions are not waited for
  bool server_side = true;
  // Which of the hooks to run; null is all.
  std::function<bool(const helm::Hook&)> filter;
};

// Runs the hooks of `record` for `event` one after the other, by weight and name. What became of
// each goes into `record`, and into the storage before it starts. The first failure ends it.
absl::Status RunHooks(const Context& ctx, const Environment& with, helm::HookEvent event,
                      const HookOptions& options, helm_release::Record& record);

}  // namespace sluice::helm_controller
