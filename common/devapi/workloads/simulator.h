// The simulation of what runs in a cluster: deployments get pods, pods become ready, jobs complete,
// volumes bind, load balancers get addresses, all after a settable delay, or fail or hang when an
// annotation says so (options.h).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/devapi/controllers/control_loop.h"
#include "common/devapi/workloads/options.h"

namespace sluice::devapi {

std::unique_ptr<Controller> WorkloadSimulator(Cluster& cluster, const WorkloadOptions& options);

}  // namespace sluice::devapi
