// Credentials, kept while they are good, so that not every reconciliation exchanges them anew.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/cloud_identity/services.h"
#include "common/kube/object_key.h"
#include "common/metrics/metrics.h"

namespace sluice::cloud_identity {

struct TokenCacheOptions {
  int max_size = 100;                            // 0: nothing is kept
  absl::Duration max_duration = absl::Hours(1);  // never more than an hour
};

// Who asks for credentials, for the metrics.
struct TokenUser {
  std::string kind;
  kube::ObjectKey key;
};

// The least recently used goes first. Thread-safe; nothing is locked while credentials are made, so
// two callers may make the same.
class TokenCache {
 public:
  using Make = std::function<absl::StatusOr<Credentials>()>;

  // `clock` and `registry` must outlive it; without a registry nothing is counted. The metrics are
  // Flux's (spec/source.md §7.7).
  TokenCache(const TokenCacheOptions& options, Clock& clock, metrics::Registry* registry = nullptr);

  // What is kept under `key`, or what `make` gives; that is kept for 80 % of its life, or for the
  // longest that the options allow if that is less. `key` says whose credentials for what these
  // are, all of it: it may hold secrets, only its digest is kept.
  absl::StatusOr<Credentials> Get(const std::string& key, const Make& make,
                                  const std::optional<TokenUser>& user = std::nullopt);

  // The metrics of an object that is gone.
  void Forget(const TokenUser& user);

 private:
  struct Metrics {
    metrics::Counter& events;
    metrics::Counter& requests;
    metrics::Counter& evictions;
    metrics::Gauge& items;
  };

  absl::StatusOr<Credentials> Find(const std::string& digest, const Make& make, bool& hit);
  void CountItems() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  struct Entry {
    std::string key;
    Credentials credentials;
    absl::Time until;
  };

  const size_t max_size_;
  const absl::Duration max_duration_;
  Clock& clock_;
  std::optional<Metrics> metrics_;
  absl::Mutex mutex_;
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // used last first
  absl::flat_hash_map<std::string, std::list<Entry>::iterator> index_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::cloud_identity
