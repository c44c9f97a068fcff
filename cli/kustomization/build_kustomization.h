// `sluice build`: of a folder (cli/offline/build.h), and `sluice build kustomization NAME`.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddBuildCommands(Command& command);

}  // namespace sluice::cli
