// The flags of image-controller (spec/image.md §11).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/credentials/identity.h"
#include "common/flags/command.h"
#include "common/runtime/process.h"

namespace sluice::image_controller {

// Accepted without effect: Secrets are always read from the API server, and tags are always kept in
// files.
inline constexpr char kCacheSecretsAndConfigMaps[] = "CacheSecretsAndConfigMaps";
inline constexpr char kFluxStorage[] = "FluxStorage";
// The same: one commit without history is fetched in any case, and only changed files are read.
inline constexpr char kGitShallowClone[] = "GitShallowClone";
inline constexpr char kGitSparseCheckout[] = "GitSparseCheckout";
// A push branch other than the checkout branch is overwritten where it is not what was read.
inline constexpr char kGitForcePushBranch[] = "GitForcePushBranch";
// A push branch that is there is extended; off: made anew from the checkout branch each time.
inline constexpr char kGitAllBranchReferences[] = "GitAllBranchReferences";

struct Options {
  runtime::ProcessOptions process;
  std::string storage_path = "/data";
  int storage_compression_threshold = 64;         // KiB
  int64_t storage_value_log_file_size = 1 << 28;  // of Flux's database: no effect
  int gc_interval = 10;                           // minutes; 0: never
  std::string source_address;                     // source-controller's gRPC; empty: watches only
  bool allow_local_git = false;                   // file:// URLs; only for trying things out
  // What SSH offers, in order of preference; empty: the library's choice.
  std::vector<std::string> ssh_key_exchanges;
  std::vector<std::string> ssh_host_key_algorithms;

  Options();

  credentials::IdentityOptions identity() const {
    return {process.feature_gates.Enabled(credentials::kObjectLevelWorkloadIdentity),
            process.default_service_account};
  }
};

void AddFlags(Command& command, Options& options);

}  // namespace sluice::image_controller
