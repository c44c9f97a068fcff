// Waiting until objects are as an action needs them (spec/helm.md §5.12).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "services/helm-controller/action/environment.h"
#include "services/helm-controller/action/resource.h"

namespace sluice::helm_controller {

struct WaitOptions {
  absl::Duration timeout;
  bool jobs = true;    // a Job is ready when it is complete, not when it is there
  bool hooks = false;  // only Jobs, Pods and what a health rule is about are waited for
};

// OK when all are ready. kDeadlineExceeded "timeout waiting for: [Kind/ns/name status: 'X', …]";
// kFailedPrecondition "failed early due to stalled resources: […]" as soon as one has failed;
// kCancelled with the context. Objects that `with.live` shows are looked at when they change, all
// others in growing intervals, soon at first.
absl::Status WaitUntilReady(const Context& ctx, const Environment& with, const Resources& resources,
                            const WaitOptions& options);

// OK when all are gone; kDeadlineExceeded "Kind/ns/name termination timeout: status 'X'".
absl::Status WaitUntilGone(const Context& ctx, const Environment& with, const Resources& resources,
                           absl::Duration timeout);

}  // namespace sluice::helm_controller
