// SPDX-License-Identifier: Apache-2.0
#include "common/remote_cluster/options.h"

#include "absl/strings/str_cat.h"
#include "common/credentials/identity.h"

namespace sluice::remote_cluster {

absl::Status Options::ReadFeatureGates(const runtime::FeatureGates& gates) {
  workload_identity = gates.Enabled(credentials::kObjectLevelWorkloadIdentity);
  if (default_service_account.empty() || workload_identity) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--default-kubeconfig-service-account needs --feature-gates=",
                   credentials::kObjectLevelWorkloadIdentity, "=true"));
}

void AddFlags(Command& command, Options& options) {
  command.Text("--default-kubeconfig-service-account", options.default_service_account,
               "service account whose identity enters the clusters of spec.kubeConfig.configMapRef "
               "where the ConfigMap names none; needs the feature gate "
               "ObjectLevelWorkloadIdentity");
  command.Bool("--insecure-kubeconfig-exec", options.insecure_exec,
               "accepted and without effect: programs that a kubeconfig names are never run");
  command.Bool("--insecure-kubeconfig-tls", options.insecure_tls,
               "let kubeconfigs of spec.kubeConfig switch off the verification of certificates");
}

}  // namespace sluice::remote_cluster
