// `sluice tree` and `sluice top`.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddTree(Command& command);
// The same as `tree --watch`, of everything.
void AddTop(Command& command);

}  // namespace sluice::cli
