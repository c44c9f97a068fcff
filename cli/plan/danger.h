// Which changes lose data or service.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/plan/cluster_plan.h"
#include "cli/plan/compare.h"
#include "cli/plan/report.h"
#include "common/value/value.h"

namespace sluice::plan {

// Dangers of one change; `before` and `after` are the objects, null where there is none. None for
// the objects of a suspended unit: nothing happens to them.
std::vector<Finding> DangersOf(const ObjectChange& change, const Value& before, const Value& after);

// Dangers that show in many changes together.
std::vector<Finding> PruneDangers(const std::vector<ObjectChange>& changes, int prune_budget);

}  // namespace sluice::plan
