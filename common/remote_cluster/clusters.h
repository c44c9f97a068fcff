// The clusters that objects are applied to: the controller's own, and those that spec.kubeConfig
// describes (spec/kustomize.md §4.11). Connections to a cluster and what is known of its kinds are
// shared by all that describe it in the same way.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/cloud_identity/cluster.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "common/kube/kubeconfig.h"
#include "common/remote_cluster/options.h"
#include "common/remote_cluster/target.h"
#include "common/value/value.h"

namespace sluice::remote_cluster {

// Thread-safe.
class Clusters {
 public:
  // Beyond that many, and when nobody has used it for that long, a cluster is forgotten.
  static constexpr size_t kMaxClusters = 100;
  static constexpr absl::Duration kMaxIdle = absl::Minutes(15);
  // What a cloud says of a cluster is asked again after this.
  static constexpr absl::Duration kMaxAge = absl::Hours(1);

  // All must outlive it and what it hands out.
  Clusters(Cluster own, const cloud_identity::Services& services,
           cloud_identity::TokenCache& tokens, const Options& options);

  // The cluster that `kube_config`, the spec.kubeConfig of an object of namespace `ns`, describes;
  // the controller's own if that is null. Only Secrets, ConfigMaps and service accounts of `ns` are
  // read. Errors are worded as in Flux 2.9. The cluster itself is not asked anything.
  absl::StatusOr<ClusterPtr> Of(const Context& ctx, const std::string& ns,
                                const Value& kube_config);

  // Of others than the controller's own.
  size_t size() const;

 private:
  struct Remote;
  struct Entry {
    std::shared_ptr<Remote> remote;
    absl::Time made;
    absl::Time used;
  };
  using Configure = std::function<absl::StatusOr<kube::ClusterConfig>()>;

  absl::StatusOr<ClusterPtr> OfSecret(const Context& ctx, const std::string& ns,
                                      const Value& reference);
  absl::StatusOr<ClusterPtr> OfConfigMap(const Context& ctx, const std::string& ns,
                                         const std::string& name);
  // Whose identity enters the cluster, and what tells that from all others.
  absl::Status Identify(const Context& ctx, const std::string& ns, const std::string& account,
                        cloud_identity::Identity& identity, std::string& key) const;
  // What is kept under `id`, or what `configure` describes.
  absl::StatusOr<ClusterPtr> Shared(const std::string& id, const Configure& configure);
  std::shared_ptr<Remote> FindLocked(const std::string& id, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SweepLocked(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Cluster own_;
  const cloud_identity::Services services_;
  cloud_identity::TokenCache& tokens_;
  const Options& options_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::remote_cluster
