// How the simulated workloads behave.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/time/time.h"

namespace sluice::devapi {

struct WorkloadOptions {
  bool enabled = true;
  // How long pods take to become ready, jobs to complete, volumes to bind and load balancers to get
  // an address.
  absl::Duration ready_after = absl::Milliseconds(200);
};

}  // namespace sluice::devapi
