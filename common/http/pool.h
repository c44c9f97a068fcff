// Idle connections of a client, kept for the next request to the same origin.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/http/connection.h"

namespace sluice::http {

// Thread-safe. Never blocks on the network.
class ConnectionPool {
 public:
  explicit ConnectionPool(size_t most_per_origin) : most_per_origin_(most_per_origin) {}

  // The connection to `origin` that was used last and is still fit for use, or null.
  std::unique_ptr<Connection> Take(const std::string& origin);
  // Keeps `connection`, or closes it when there are enough.
  void Put(const std::string& origin, std::unique_ptr<Connection> connection);

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    absl::Time since;
  };
  // Moves connections that were idle for too long to `expired`, to be closed outside the lock.
  void Expire(absl::Time now, std::vector<Idle>& expired) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t most_per_origin_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::vector<Idle>> idle_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_expiry_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace sluice::http
