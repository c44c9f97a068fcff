// `sluice check`: whether a cluster is fit for our controllers, and they for work (spec/cli.md
// §7.7).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddCheck(Command& command);

}  // namespace sluice::cli
