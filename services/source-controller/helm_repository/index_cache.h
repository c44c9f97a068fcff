// What was looked up in indexes, kept in memory (spec/source.md §4.3).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/api/meta/artifact.h"
#include "common/artifact/storage.h"
#include "common/base/clock.h"
#include "common/helm_repository/chart_versions.h"
#include "common/kube/object_key.h"
#include "common/metrics/metrics.h"

namespace sluice::source_controller {

struct IndexCacheOptions {
  int max_size = 0;  // indexes; 0: nothing is kept
  absl::Duration ttl = absl::Minutes(15);
  absl::Duration purge_interval = absl::Minutes(1);
};

// Finds charts in stored indexes. An index is kept under its artifact's path, so that no namespace
// sees another's; of it those charts that somebody asked for. Thread-safe.
class IndexCache {
 public:
  // `registry` may be null, for tests; it, `storage` and `clock` must outlive the cache.
  IndexCache(const IndexCacheOptions& options, const artifact::Storage& storage, Clock& clock,
             metrics::Registry* registry);

  // The versions of `chart` in the index `artifact`; nullopt if it has no such chart. `repository`
  // is for the metric. Errors are those of reading the file.
  struct Lookup {
    std::optional<helm_repository::ChartVersions> versions;
    bool full = false;  // not kept: there is no room for another index
  };
  absl::StatusOr<Lookup> Find(const Context& ctx, const api::Artifact& artifact,
                              const std::string& chart, const kube::ObjectKey& repository);

  // The index is still the current one: it is kept for longer.
  void Extend(const api::Artifact& artifact);
  // The metrics of a repository that is gone.
  void Forget(const kube::ObjectKey& repository);

 private:
  using Charts = std::map<std::string, std::optional<helm_repository::ChartVersions>>;
  struct Index {
    absl::Time expires;
    Charts charts;
  };
  void Purge() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const IndexCacheOptions options_;
  const artifact::Storage& storage_;
  Clock& clock_;
  metrics::Counter* events_ = nullptr;
  absl::Mutex mutex_;
  std::map<std::string, Index> indexes_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_purge_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace sluice::source_controller
