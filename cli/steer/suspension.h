// `sluice suspend` and `sluice resume` (spec/cli.md §4).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddSuspend(Command& command);
void AddResume(Command& command);

}  // namespace sluice::cli
