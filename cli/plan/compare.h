// Two plans against each other, and one by itself.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/plan/cluster_plan.h"
#include "cli/plan/report.h"
#include "common/base/context.h"

namespace sluice::plan {

struct CompareOptions {
  // How many objects one unit may delete before it is a danger.
  int prune_budget = 10;
};

// What syncing `to` would do to a cluster that has synced `from`. Objects that both render the same
// are not looked into. Of the findings of rendering only new ones are told.
absl::StatusOr<Report> Compare(const Context& ctx, const ClusterPlan& from, const ClusterPlan& to,
                               const CompareOptions& options);

// Every object of `plan`, checked.
absl::StatusOr<Report> Test(const Context& ctx, const ClusterPlan& plan);

}  // namespace sluice::plan
