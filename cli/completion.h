// `sluice completion SHELL`: a script that lets the shell ask this program what may come next.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/flags/command.h"

namespace sluice::cli {

// What the scripts run, followed by the words so far: `sluice __complete get ks ""`.
inline constexpr char kCompleteCommand[] = "__complete";

void AddCompletion(Command& command);

// Prints what may follow, one a line.
int PrintCompletions(Command& command, const std::vector<std::string>& words);

}  // namespace sluice::cli
