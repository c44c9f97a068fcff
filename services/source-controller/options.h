// The flags of source-controller (spec/source.md §7.8).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/credentials/identity.h"
#include "common/flags/command.h"
#include "common/runtime/process.h"

namespace sluice::source_controller {

// Secrets and ConfigMaps are held in memory instead of read when they are needed.
inline constexpr char kCacheSecretsAndConfigMaps[] = "CacheSecretsAndConfigMaps";

struct Options {
  runtime::ProcessOptions process;
  std::string storage_path = "/data";
  std::string storage_address = ":9090";
  std::string storage_advertised_address;
  // A bucket that replicas share instead of the folder, which holds a cache of it then. Our own.
  struct StorageBucket {
    std::string name;  // empty: none
    std::string endpoint = "s3.amazonaws.com";
    std::string region;
    std::string prefix;
    std::string ca_file;  // PEM, trusted beside the system's authorities
    bool insecure = false;
    int64_t max_cache_bytes = int64_t{1} << 30;
  };
  StorageBucket storage_bucket;
  absl::Duration artifact_retention_ttl = absl::Seconds(60);
  int artifact_retention_records = 2;
  std::string artifact_digest_algorithm = "sha256";
  // Limits of what Helm repositories serve, bytes.
  int64_t helm_index_max_size = 52428800;
  int64_t helm_chart_max_size = 10485760;
  int64_t helm_chart_file_max_size = 5242880;
  // Indexes kept in memory; 0: none.
  int helm_cache_max_size = 0;
  absl::Duration helm_cache_ttl = absl::Minutes(15);
  absl::Duration helm_cache_purge_interval = absl::Minutes(1);
  // Git repositories of this machine, by path or file:// URL. Off in a cluster, where it would let
  // any tenant read the pod's file system.
  bool allow_local_git = false;
  // trusted_root.json of the public Sigstore, for spec.verify without a Secret; "" for none.
  std::string sigstore_trusted_root;
  // What SSH offers, in order of preference; empty: the library's choice.
  std::vector<std::string> ssh_key_exchanges;
  std::vector<std::string> ssh_host_key_algorithms;

  Options() {
    process.concurrent = 2;
    process.concurrent_slow = 16;
    process.feature_gates = runtime::FeatureGates(
        {{kCacheSecretsAndConfigMaps, false}, {credentials::kObjectLevelWorkloadIdentity, false}});
  }

  credentials::IdentityOptions identity() const {
    return {process.feature_gates.Enabled(credentials::kObjectLevelWorkloadIdentity),
            process.default_service_account};
  }
};

void AddFlags(Command& command, Options& options);

}  // namespace sluice::source_controller
