// SPDX-License-Identifier: Apache-2.0
#include "cli/create/commands.h"

namespace sluice::cli {

void AddCreate(Command& command) {
  Command& create = command.Sub("create", "Creates or updates objects, or prints them (--export)");
  Command& source = create.Sub("source", "Sources");
  AddCreateGitRepository(source);
  AddCreateOciRepository(source);
  AddCreateBucket(source);
  AddCreateHelmRepository(source);
  AddCreateHelmChart(source);
  AddCreateKustomization(create);
  AddCreateHelmRelease(create);
  AddCreateImageKinds(create.Sub("image", "What scans and updates images"));
  AddCreateSecrets(create.Sub("secret", "Secrets, as our kinds refer to them"));
}

}  // namespace sluice::cli
