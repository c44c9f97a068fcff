// CapabilitiesCache: the version and API versions of a cluster, as charts are told of them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/helm/capabilities.h"
#include "common/kube/client.h"

namespace sluice::helm_controller {

// Of one cluster. Thread-safe.
class CapabilitiesCache {
 public:
  static constexpr absl::Duration kLifetime = absl::Minutes(2);

  // `clock` must outlive it.
  explicit CapabilitiesCache(Clock& clock) : clock_(clock) {}

  // What the API server says, at most kLifetime old. A group that does not answer is left out.
  absl::StatusOr<helm::Capabilities> Get(const Context& ctx, kube::Client& client);

  // For when definitions were applied.
  void Invalidate();

 private:
  Clock& clock_;
  absl::Mutex mutex_;
  std::optional<helm::Capabilities> known_ ABSL_GUARDED_BY(mutex_);
  absl::Time when_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::helm_controller
