// `sluice export`: live objects as manifests (spec/cli.md §5.3).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddExport(Command& command);

}  // namespace sluice::cli
