// The registries that this machine's user has logged in to.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/oci/credentials.h"

namespace sluice::oci {

// What `docker login` ($DOCKER_CONFIG/config.json, ~/.docker/config.json) and `helm registry login`
// ($HELM_REGISTRY_CONFIG, ~/.config/helm/registry/config.json) have left; Docker's goes first. No
// program is asked for what is kept elsewhere (credsStore, credHelpers). kInvalidArgument, naming
// the file and not quoting it, if it is not of that form; files up to 1 MiB are read.
absl::StatusOr<Keyring> LocalLogins();

}  // namespace sluice::oci
