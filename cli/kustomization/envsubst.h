// `sluice envsubst`: variables of the environment put into text, as a Kustomization's postBuild
// does (spec/cli.md §11).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddEnvsubst(Command& command);

}  // namespace sluice::cli
