// `sluice logs`: what the controllers log (spec/cli.md §7.4).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddLogs(Command& command);

}  // namespace sluice::cli
