// `sluice plan` and `sluice test`: what the cluster would do with a change, before it is merged.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

// Adds both commands. Exit codes: 0 nothing is dangerous or
// wrong, 1 something is, 2 the command line is wrong or there is nothing to plan.
void AddPlan(Command& command);

}  // namespace sluice::cli
