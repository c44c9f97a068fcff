// `sluice events`: what was reported about our objects (spec/cli.md §7.3).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddEvents(Command& command);

}  // namespace sluice::cli
