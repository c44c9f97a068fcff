// `sluice plan` and `sluice test`: what the cluster would do with a change, before it is merged.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/plan/plan.h"
#include "common/flags/command.h"

namespace sluice::cli {

struct PlanCommandOptions {
  plan::PlanOptions plan;
  std::string output;
  bool verbose = false;
};

// Adds both commands. `options` must outlive the command. Exit codes: 0 nothing is dangerous or
// wrong, 1 something is, 2 the command line is wrong or there is nothing to plan.
void AddPlan(Command& command, PlanCommandOptions& options);

}  // namespace sluice::cli
