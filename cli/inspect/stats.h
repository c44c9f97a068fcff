// `sluice stats`: how many objects of each kind run, fail and are suspended (spec/cli.md §7.5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddStats(Command& command);

}  // namespace sluice::cli
