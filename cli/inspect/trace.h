// `sluice trace`: what manages an object, and where that comes from (spec/cli.md §7.1).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddTrace(Command& command);

}  // namespace sluice::cli
