// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/options.h"

namespace sluice::helm_controller {

void AddFlags(Command& command, Options& options) {
  options.process.feature_gates =
      runtime::FeatureGates({{"CacheSecretsAndConfigMaps", false},
                             {"DetectDrift", false},
                             {"CorrectDrift", false},
                             {kAllowDnsLookups, false},
                             {"OOMWatch", false},
                             {"AdoptLegacyReleases", false},
                             {kDisableChartDigestTracking, false},
                             {kAdditiveCelDependencyCheck, false},
                             {kExternalArtifact, false},
                             {kDisableConfigWatchers, false},
                             {"DirectSourceFetch", false},
                             {kUseHelm3Defaults, false},
                             {kCancelHealthCheckOnNewRevision, false},
                             {kDefaultToRetryOnFailure, false},
                             {remote_cluster::kObjectLevelWorkloadIdentity, false}});
  runtime::AddFlags(command, options.process);
  remote_cluster::AddFlags(command, options.clusters);
  command.Text("--source-grpc-addr", options.source_address,
               "source-controller's gRPC address for artifact events; empty: watches only",
               "SOURCE_GRPC_ADDR");
  command.Int("--http-retry", options.http_retry, "tries to download an artifact");
  command.Choice("--snapshot-digest-algo", options.snapshot_digest_algorithm,
                 {"sha1", "sha256", "sha384", "sha512", "blake3"},
                 "algorithm of the digests in status.history");
  command.List("--override-manager", options.override_managers,
               "field manager whose fields are taken over when drift is corrected (repeatable)");
}

}  // namespace sluice::helm_controller
