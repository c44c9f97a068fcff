// The flags about other clusters, which the controllers that apply objects share.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/flags/command.h"
#include "common/runtime/feature_gates.h"

namespace sluice::remote_cluster {

struct Options {
  std::string user_agent;  // the controller's name
  // Whose identity enters a cluster unless the ConfigMap says (needs the gate
  // ObjectLevelWorkloadIdentity), and whether a kubeconfig may switch off the verification of
  // certificates. Programs that a kubeconfig names are never run.
  std::string default_service_account;
  bool insecure_exec = false;
  bool insecure_tls = false;
  bool workload_identity = false;  // the gate

  // Takes over the gate. kInvalidArgument for a flag that needs it while it is closed.
  absl::Status ReadFeatureGates(const runtime::FeatureGates& gates);
};

void AddFlags(Command& command, Options& options);

}  // namespace sluice::remote_cluster
