// The flags of helm-controller (spec/helm.md §2.21).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/flags/command.h"
#include "common/remote_cluster/options.h"
#include "common/runtime/process.h"
#include "services/helm-controller/memory_watch.h"

namespace sluice::helm_controller {

struct Options {
  runtime::ProcessOptions process;
  std::string source_address;  // --source-grpc-addr: source-controller's gRPC; empty: watches only
  int http_retry = 9;
  absl::Duration http_timeout = absl::Seconds(30);
  MemoryWatchOptions memory_watch;  // with the gate OOMWatch
  std::string snapshot_digest_algorithm = "sha256";
  std::vector<std::string> override_managers;
  remote_cluster::Options clusters;
};

// Feature gates that change what is done here; the others of Flux are accepted.
inline constexpr char kAllowDnsLookups[] = "AllowDNSLookups";
inline constexpr char kDisableChartDigestTracking[] = "DisableChartDigestTracking";
inline constexpr char kAdditiveCelDependencyCheck[] = "AdditiveCELDependencyCheck";
inline constexpr char kExternalArtifact[] = "ExternalArtifact";
inline constexpr char kDisableConfigWatchers[] = "DisableConfigWatchers";
inline constexpr char kUseHelm3Defaults[] = "UseHelm3Defaults";
inline constexpr char kOomWatch[] = "OOMWatch";
inline constexpr char kDefaultToRetryOnFailure[] = "DefaultToRetryOnFailure";

void AddFlags(Command& command, Options& options);

}  // namespace sluice::helm_controller
