// `sluice push artifact`, `tag artifact` and `diff artifact`: putting folders into registries where
// OCIRepositories find them (spec/cli.md §10).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddPush(Command& command);
void AddTag(Command& command);
// Below the command `diff`.
void AddDiffArtifact(Command& diff);

}  // namespace sluice::cli
