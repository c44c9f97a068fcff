// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/options.h"

#include "common/credentials/identity.h"
namespace sluice::kustomize_controller {

Options::Options() {
  // The defaults of Flux 2.9. Those without a member here change nothing in this program.
  process.feature_gates =
      runtime::FeatureGates({{"StrictPostBuildSubstitutions", true},
                             {"DisableStatusPollerCache", true},
                             {"CacheSecretsAndConfigMaps", false},
                             {"DisableFailFastBehavior", false},
                             {"GroupChangeLog", false},
                             {"AdditiveCELDependencyCheck", false},
                             {"ExternalArtifact", false},
                             {"CancelHealthCheckOnNewRevision", false},
                             {"DisableConfigWatchers", false},
                             {"DirectSourceFetch", false},
                             {"MigrateAPIVersion", false},
                             {credentials::kObjectLevelWorkloadIdentity, false}});
}

absl::Status Options::ReadFeatureGates() {
  const runtime::FeatureGates& gates = process.feature_gates;
  strict_substitution = gates.Enabled("StrictPostBuildSubstitutions");
  wait_despite_failure = gates.Enabled("DisableFailFastBehavior");
  additive_dependency_check = gates.Enabled("AdditiveCELDependencyCheck");
  external_artifacts = gates.Enabled("ExternalArtifact");
  migrate_api_version = gates.Enabled("MigrateAPIVersion");
  direct_source_fetch = gates.Enabled("DirectSourceFetch");
  watch_configs = !gates.Enabled("DisableConfigWatchers");
  clusters.user_agent = process.controller;
  return clusters.ReadFeatureGates(gates);
}

void AddFlags(Command& command, Options& options) {
  runtime::AddFlags(command, options.process);
  remote_cluster::AddFlags(command, options.clusters);
  command.Text("--source-grpc-addr", options.source_address,
               "source-controller's gRPC address for artifact events; empty: watches only",
               "SOURCE_GRPC_ADDR");
  command.Int("--concurrent-ssa", options.concurrent_ssa,
              "objects of one Kustomization dry-run at the same time");
  command.Int("--http-retry", options.http_retry, "tries to download an artifact");
  command.Bool("--no-remote-bases", options.no_remote_bases,
               "refuse bases that are URLs; they are never fetched by this version");
  command.List("--override-manager", options.override_managers,
               "field manager whose fields are taken over (repeatable)");
  command.Int("--prune-budget", options.prune_budget,
              "objects that one prune may delete without confirmation (annotation "
              "sluice.dev/prune-confirmed); negative: any number");
  command.Text("--default-decryption-service-account", options.default_decryption_service_account,
               "service account whose identity decrypts where an object names none; needs the "
               "feature gate ObjectLevelWorkloadIdentity");
  command.Text("--sops-age-secret", options.sops_age_secret,
               "Secret in the controller's namespace whose *.agekey entries decrypt for objects "
               "without spec.decryption.secretRef");
  command.Text("--sops-vault-configmap", options.sops_vault_config_map,
               "ConfigMap in the controller's namespace that lists the Vaults to log in at");
  command.Bool("--sops-verify-mac", options.sops_verify_mac,
               "refuse encrypted files whose MAC does not match their values; Flux does not look "
               "at it");
  command.List("--custom-apply-stage-kinds", options.custom_apply_stage_kinds,
               "group/Kind names that are applied before everything else of their set");
}

}  // namespace sluice::kustomize_controller
