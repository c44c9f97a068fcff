// Fetcher: artifacts as read-only trees. Each is downloaded, verified and unpacked once per
// process, however many objects use it (architecture decision 4).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/api/meta/artifact.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/fs/tree.h"
#include "common/http/transport.h"

namespace sluice::artifact {

struct FetcherOptions {
  int attempts = 10;  // --http-retry plus the first one
  absl::Duration first_wait = absl::Milliseconds(500);
  absl::Duration longest_wait = absl::Seconds(30);
  absl::Duration timeout = absl::InfiniteDuration();  // of one attempt: --http-timeout
  size_t max_download = size_t{256} << 20;            // bytes of one artifact as stored
  size_t max_unpacked = size_t{1} << 30;              // bytes of its files
  size_t cache_bytes = size_t{64} << 20;              // unpacked bytes kept for the next user
  // Replaces the host of artifact URLs: $SOURCE_CONTROLLER_LOCALHOST.
  std::string host_override;
  // The same for what Flux's source-watcher serves: $SOURCE_WATCHER_LOCALHOST.
  std::string watcher_host_override;
};

// Thread-safe. `transport` and `clock` must outlive it.
class Fetcher {
 public:
  Fetcher(http::Transport& transport, FetcherOptions options, Clock& clock);

  // kNotFound when the URL answers 404 (not tried again). kDataLoss when the bytes do not have the
  // artifact's digest; kInvalidArgument for a digest that is none or an archive that is refused.
  absl::StatusOr<std::shared_ptr<const fs::Tree>> Fetch(const Context& ctx,
                                                        const api::Artifact& artifact);

  // Whether it is likely to be at hand already, so that Fetch() will not take long.
  bool Has(const std::string& digest) const;

  // The verified bytes as they are stored, for who unpacks them itself; errors as above. Nothing is
  // kept.
  absl::StatusOr<std::string> FetchBytes(const Context& ctx, const api::Artifact& artifact);

 private:
  struct Slot;  // one digest, being fetched or there

  absl::StatusOr<std::shared_ptr<const fs::Tree>> Load(const Context& ctx,
                                                       const api::Artifact& artifact, size_t& size);
  absl::StatusOr<std::string> Download(const Context& ctx, const api::Artifact& artifact);
  void Evict() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  http::Transport& transport_;
  const FetcherOptions options_;
  Clock& clock_;
  mutable absl::Mutex mutex_;
  std::map<std::string, std::shared_ptr<Slot>> slots_ ABSL_GUARDED_BY(mutex_);  // by digest
  std::list<std::string> by_use_ ABSL_GUARDED_BY(mutex_);                       // oldest first
  size_t cached_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace sluice::artifact
