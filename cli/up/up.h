// `sluice up`: a cluster on this machine that syncs a repository.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddUp(Command& command);

}  // namespace sluice::cli
