// The loop of one reconciliation: observe, choose, act, until nothing more is to be done now
// (spec/helm.md §2.11).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "services/helm-controller/helm_release/work.h"

namespace sluice::helm_controller {

enum class LoopEnd : uint8_t {
  kDone,
  kBusy,        // somebody else is at work: after an interval
  kAgain,       // at once, but held back
  kRetryLater,  // after an interval
  kStalled,     // not without a change of the object
  kError,
};

struct LoopResult {
  LoopEnd end = LoopEnd::kDone;
  absl::Duration retry_interval;  // of kBusy and kRetryLater
  absl::Status error;             // of kError
};

// Each class of actions runs once at most, so that the loop ends; after a remediation it stops. The
// status is patched when an action has to wait, the last changes are left to the caller.
LoopResult RunRelease(const Context& ctx, Work& work);

}  // namespace sluice::helm_controller
