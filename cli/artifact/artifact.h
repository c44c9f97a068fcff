// `sluice list artifacts` and `sluice pull artifact`: what Flux keeps in registries
// (spec/cli.md §10).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddList(Command& command);
void AddPull(Command& command);

}  // namespace sluice::cli
