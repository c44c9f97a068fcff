// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/options.h"

#include "common/credentials/identity.h"
namespace sluice::helm_controller {

void AddFlags(Command& command, Options& options) {
  options.process.feature_gates =
      runtime::FeatureGates({{"CacheSecretsAndConfigMaps", false},
                             {"DetectDrift", false},
                             {"CorrectDrift", false},
                             {kAllowDnsLookups, false},
                             {kOomWatch, false},
                             {"AdoptLegacyReleases", false},
                             {kDisableChartDigestTracking, false},
                             {kAdditiveCelDependencyCheck, false},
                             {kExternalArtifact, false},
                             {kDisableConfigWatchers, false},
                             {"DirectSourceFetch", false},
                             {kUseHelm3Defaults, false},
                             {"CancelHealthCheckOnNewRevision", false},
                             {kDefaultToRetryOnFailure, false},
                             {credentials::kObjectLevelWorkloadIdentity, false}});
  runtime::AddFlags(command, options.process);
  remote_cluster::AddFlags(command, options.clusters);
  command.Text("--source-grpc-addr", options.source_address,
               "source-controller's gRPC address for artifact events; empty: watches only",
               "SOURCE_GRPC_ADDR");
  command.Int("--http-retry", options.http_retry, "tries to download an artifact");
  command.Duration("--http-timeout", options.http_timeout, "limit of one such try");
  MemoryWatchOptions& memory = options.memory_watch;
  command.Int("--oom-watch-memory-threshold", memory.threshold,
              "percentage of the memory limit at which the controller ends in good order, with the "
              "feature gate OOMWatch");
  command.Duration("--oom-watch-interval", memory.interval, "how often the memory is looked at");
  command.Text("--oom-watch-max-memory-path", memory.max_path,
               "file with the memory limit; default: that of the control group");
  command.Text("--oom-watch-current-memory-path", memory.current_path,
               "file with the memory in use; default: that of the control group");
  // Taken so that a Flux deployment's arguments work.
  static std::string ignored;
  command.Text("--graceful-shutdown-timeout", ignored,
               "accepted and without effect: a running action is ended in good order at once");
  command.Choice("--snapshot-digest-algo", options.snapshot_digest_algorithm,
                 {"sha1", "sha256", "sha384", "sha512", "blake3"},
                 "algorithm of the digests in status.history");
  command.List("--override-manager", options.override_managers,
               "field manager whose fields are taken over when drift is corrected (repeatable)");
}

}  // namespace sluice::helm_controller
