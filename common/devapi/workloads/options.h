// How the simulated workloads behave.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/time/time.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct WorkloadOptions {
  bool enabled = true;
  // How long pods take to become ready, jobs to complete, volumes to bind and load balancers to get
  // an address.
  absl::Duration ready_after = absl::Milliseconds(200);
};

// What becomes of a workload. An annotation of the workload, of its pod template or of the pod
// decides: "dev.sluice.sh/workload: fail" or "hang"; "dev.sluice.sh/ready-after: 5s" changes when.
enum class Fate { kReady, kFail, kHang };

inline constexpr char kFateAnnotation[] = "dev.sluice.sh/workload";
inline constexpr char kDelayAnnotation[] = "dev.sluice.sh/ready-after";

struct Behaviour {
  Fate fate = Fate::kReady;
  absl::Duration ready_after;
};

// Of any object; the annotations of spec.template count where the object has none itself.
Behaviour BehaviourOf(const Value& object, const WorkloadOptions& options);

}  // namespace sluice::devapi
