// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/options.h"

namespace sluice::source_controller {

void AddFlags(Command& command, Options& options) {
  runtime::AddFlags(command, options.process);
  command.Text("--storage-path", options.storage_path, "folder that artifacts are stored in",
               "STORAGE_PATH");
  command.Text("--storage-addr", options.storage_address, "where artifacts are served",
               "STORAGE_ADDRESS");
  command.Text("--storage-adv-addr", options.storage_advertised_address,
               "host of artifact URLs; default: made of --storage-addr", "STORAGE_ADV_ADDR");
  command.Duration("--artifact-retention-ttl", options.artifact_retention_ttl,
                   "how long an artifact outlives its successor");
  command.Int("--artifact-retention-records", options.artifact_retention_records,
              "artifacts kept per object");
  command.Choice("--artifact-digest-algo", options.artifact_digest_algorithm,
                 {"sha1", "sha256", "sha384", "sha512"}, "algorithm of artifact digests");
  command.Int64("--helm-index-max-size", options.helm_index_max_size,
                "largest index of a Helm repository, bytes");
  command.Int64("--helm-chart-max-size", options.helm_chart_max_size,
                "largest archive of a Helm chart, bytes");
  command.Int64("--helm-chart-file-max-size", options.helm_chart_file_max_size,
                "largest file in a Helm chart, bytes");
  command.Int("--helm-cache-max-size", options.helm_cache_max_size,
              "indexes of Helm repositories kept in memory");
  command.Duration("--helm-cache-ttl", options.helm_cache_ttl,
                   "how long an index is kept in memory after its last use");
  command.Duration("--helm-cache-purge-interval", options.helm_cache_purge_interval,
                   "how often indexes that are kept too long are looked for");
  command.List("--ssh-kex-algos", options.ssh_key_exchanges,
               "key exchange algorithms that SSH offers, in order of preference");
  command.List("--ssh-hostkey-algos", options.ssh_host_key_algorithms,
               "host key algorithms that SSH offers, in order of preference");
  command.Text("--sigstore-trusted-root", options.sigstore_trusted_root,
               "trusted_root.json of the public Sigstore, for keyless verification");
  command.Bool("--allow-local-git", options.allow_local_git,
               "accept file:// URLs of Git repositories; only for trying things out");
}

}  // namespace sluice::source_controller
