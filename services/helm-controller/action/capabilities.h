// CapabilitiesCache: the versions and API versions of clusters, as charts are told of them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/helm/capabilities.h"
#include "common/kube/client.h"

namespace sluice::helm_controller {

// Thread-safe.
class CapabilitiesCache {
 public:
  static constexpr absl::Duration kLifetime = absl::Minutes(2);

  // `clock` must outlive it.
  explicit CapabilitiesCache(Clock& clock) : clock_(clock) {}

  // What the API server of `cluster` says, at most kLifetime old. A group that does not answer is
  // left out. `client` is one of the cluster.
  absl::StatusOr<std::shared_ptr<const helm::Capabilities>> Get(const Context& ctx,
                                                                const std::string& cluster,
                                                                kube::Client& client);

  // For when definitions were applied to `cluster`.
  void Invalidate(const std::string& cluster);

 private:
  struct Known {
    std::shared_ptr<const helm::Capabilities> capabilities;
    absl::Time when;
  };

  Clock& clock_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Known> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::helm_controller
