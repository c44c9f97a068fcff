// The node that simulated pods run on.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/devapi/cluster.h"

namespace sluice::devapi {

// Creates the node kNodeName (reconcilers.h), ready and with room to spare.
absl::Status CreateNode(Cluster& cluster);

}  // namespace sluice::devapi
