// The registry that a command talks to.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/flags/command.h"
#include "common/oci/client.h"

namespace sluice::cli {

struct RegistryOptions {
  std::string url;  // oci://…
  std::string credentials;
  bool insecure = false;
  absl::Duration timeout = absl::Minutes(5);
};
void AddRegistryFlags(Command& command, RegistryOptions& options);

// With the credentials given, or the logins of this machine's user (oci::LocalLogins).
absl::StatusOr<std::unique_ptr<oci::Client>> ConnectRegistry(const RegistryOptions& options);

// The URL without oci://. A UsageError without that scheme.
absl::StatusOr<std::string> ArtifactName(const RegistryOptions& options);

}  // namespace sluice::cli
