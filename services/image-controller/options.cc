// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/options.h"

namespace sluice::image_controller {

Options::Options() {
  process.feature_gates =
      runtime::FeatureGates({{kCacheSecretsAndConfigMaps, false},
                             {kFluxStorage, false},
                             {kGitShallowClone, true},
                             {kGitSparseCheckout, false},
                             {kGitForcePushBranch, true},
                             {kGitAllBranchReferences, true},
                             {credentials::kObjectLevelWorkloadIdentity, false}});
}

void AddFlags(Command& command, Options& options) {
  runtime::AddFlags(command, options.process);
  command.Text("--storage-path", options.storage_path, "folder that tags are stored in",
               "STORAGE_PATH");
  command.Int("--storage-compression-threshold", options.storage_compression_threshold,
              "size from which on lists of tags are compressed, KiB");
  command.Int("--gc-interval", options.gc_interval,
              "minutes between searches for tags of objects that are gone; 0: never");
  command.Int64("--storage-value-log-file-size", options.storage_value_log_file_size,
                "of Flux's database; has no effect here");
  command.Text("--source-grpc-addr", options.source_address,
               "source-controller's gRPC address for artifact events; empty: watches only",
               "SOURCE_GRPC_ADDR");
  command.List("--ssh-kex-algos", options.ssh_key_exchanges,
               "key exchange algorithms that SSH offers, in order of preference");
  command.List("--ssh-hostkey-algos", options.ssh_host_key_algorithms,
               "host key algorithms that SSH offers, in order of preference");
  command.Bool("--allow-local-git", options.allow_local_git,
               "accept file:// URLs of Git repositories; only for trying things out");
}

}  // namespace sluice::image_controller
