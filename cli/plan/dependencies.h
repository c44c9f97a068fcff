// Whether a plan's units say all that their order needs.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/plan/cluster_plan.h"

namespace sluice::plan {

// kDependencyMissing for names in dependsOn that nobody has, and for circles; kOrderUnsaid where a
// unit's objects are of a kind that another unit defines, and it waits for that neither itself nor
// by what it stems from.
std::vector<Finding> CheckDependencies(const ClusterPlan& plan);

}  // namespace sluice::plan
