// `sluice diff`: what applying a folder would change, in a cluster or compared with another folder
// (spec/cli.md §6).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

// Exit codes: 0 nothing differs, 1 something does, 2 it could not be found out.
void AddDiff(Command& command);

}  // namespace sluice::cli
