// The command line: every command of `sluice`, and the program around them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

// Exit codes: 0 done, 1 the command failed (one "✗" line on standard error says why), 2 the command
// line is wrong.
int Main(int argc, const char* const* argv);

// Adds all commands.
void AddCommands(Command& command);

}  // namespace sluice::cli
