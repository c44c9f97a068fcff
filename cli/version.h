// `sluice version`.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddVersion(Command& command);

}  // namespace sluice::cli
