// Waiting until objects are ready.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/ssa/kstatus.h"
#include "common/ssa/object_id.h"

namespace sluice::ssa {

struct WatchedObject {
  ObjectId id;
  kube::Resource resource;
};

struct WaitOptions {
  absl::Duration poll = absl::Seconds(5);
  bool fail_fast = true;  // end as soon as one object has failed
};

// OK when all objects are Current. kDeadlineExceeded when the context's deadline passes first,
// worded "timeout waiting for: [<Kind/ns/name> status: '<status>', …]"; kFailedPrecondition, worded
// "failed early due to stalled resources: […]"; kCancelled with the context.
absl::Status WaitForReadiness(const Context& ctx, kube::Client& client,
                              std::span<const WatchedObject> objects, const WaitOptions& options,
                              Clock& clock);

}  // namespace sluice::ssa
