// `sluice tree`.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddTree(Command& command);

}  // namespace sluice::cli
