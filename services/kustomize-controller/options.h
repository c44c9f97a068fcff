// The flags of kustomize-controller (spec/kustomize.md §6.4).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/flags/command.h"
#include "common/remote_cluster/options.h"
#include "common/runtime/process.h"

namespace sluice::kustomize_controller {

// Feature gates that change something. Variables without a value fail the substitution:
inline constexpr char kStrictSubstitution[] = "StrictPostBuildSubstitutions";
// Kustomizations may refer to ExternalArtifacts:
inline constexpr char kExternalArtifact[] = "ExternalArtifact";

struct Options {
  runtime::ProcessOptions process;
  std::string source_address;  // --source-grpc-addr: source-controller's gRPC; empty: watches only
  int concurrent_ssa = 4;
  int http_retry = 9;
  bool no_remote_bases = true;
  std::vector<std::string> override_managers;
  std::vector<std::string> custom_apply_stage_kinds;
  // Decryption: whose identity it has unless an object says (needs the gate
  // ObjectLevelWorkloadIdentity), and objects in the runtime namespace: a Secret of age keys for
  // objects without a secretRef, a ConfigMap of Vaults to log in at.
  std::string default_decryption_service_account;
  std::string sops_age_secret;
  std::string sops_vault_config_map;
  bool sops_verify_mac = false;
  // How many objects one prune may delete without confirmation; negative: any number.
  int prune_budget = -1;
  remote_cluster::Options clusters;
  // Flux's feature gates.
  bool strict_substitution = true;         // StrictPostBuildSubstitutions
  bool wait_despite_failure = false;       // DisableFailFastBehavior
  bool additive_dependency_check = false;  // AdditiveCELDependencyCheck
  bool direct_source_fetch = false;        // DirectSourceFetch
  bool migrate_api_version = false;        // MigrateAPIVersion
  bool external_artifacts = false;         // ExternalArtifact
  bool watch_configs = true;               // not DisableConfigWatchers

  Options();
  // Takes over the gates that were set by flag. kInvalidArgument for a flag that needs a gate which
  // is closed.
  absl::Status ReadFeatureGates();
};

void AddFlags(Command& command, Options& options);

}  // namespace sluice::kustomize_controller
