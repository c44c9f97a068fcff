// `sluice get`: objects of our kinds and whether they are ready (spec/cli.md §2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddGet(Command& command);

}  // namespace sluice::cli
