// `sluice create`: a subcommand per kind (spec/cli.md §5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddCreate(Command& command);

// Each in the file of its name; `create` is the group to add to.
void AddCreateGitRepository(Command& create);
void AddCreateOciRepository(Command& create);
void AddCreateBucket(Command& create);
void AddCreateHelmRepository(Command& create);
void AddCreateHelmChart(Command& create);
void AddCreateKustomization(Command& create);
void AddCreateHelmRelease(Command& create);
void AddCreateImageKinds(Command& create);
void AddCreateSecrets(Command& create);

}  // namespace sluice::cli
