// The flags of kustomize-controller (spec/kustomize.md §6.4).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/flags/command.h"
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

  // All of Flux's gates are known, with Flux's defaults; those not named above have no effect.
  Options() {
    process.feature_gates = runtime::FeatureGates({{kStrictSubstitution, true},
                                                   {kExternalArtifact, false},
                                                   {"DisableStatusPollerCache", true},
                                                   {"CacheSecretsAndConfigMaps", false},
                                                   {"DisableFailFastBehavior", false},
                                                   {"GroupChangeLog", false},
                                                   {"AdditiveCELDependencyCheck", false},
                                                   {"CancelHealthCheckOnNewRevision", false},
                                                   {"DisableConfigWatchers", false},
                                                   {"DirectSourceFetch", false},
                                                   {"MigrateAPIVersion", false},
                                                   {"ObjectLevelWorkloadIdentity", false}});
  }
  bool strict_substitution() const { return process.feature_gates.Enabled(kStrictSubstitution); }
  bool external_artifacts() const { return process.feature_gates.Enabled(kExternalArtifact); }
};

void AddFlags(Command& command, Options& options);

}  // namespace sluice::kustomize_controller
