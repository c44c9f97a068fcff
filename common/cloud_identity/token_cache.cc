// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/token_cache.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/crypto/digest.h"

namespace sluice::cloud_identity {

TokenCache::TokenCache(const TokenCacheOptions& options, Clock& clock)
    : max_size_(static_cast<size_t>(std::max(0, options.max_size))),
      max_duration_(std::min(options.max_duration, absl::Hours(1))),
      clock_(clock) {}

absl::StatusOr<Credentials> TokenCache::Get(const std::string& key, const Make& make) {
  if (max_size_ == 0) return make();
  const std::string digest = crypto::Digest(crypto::Algorithm::kSha256, key);
  {
    absl::MutexLock lock(&mutex_);
    if (const auto it = index_.find(digest); it != index_.end()) {
      if (clock_.Now() < it->second->until) {
        entries_.splice(entries_.begin(), entries_, it->second);
        return it->second->credentials;
      }
      entries_.erase(it->second);
      index_.erase(it);
    }
  }
  ASSIGN_OR_RETURN(Credentials credentials, make());
  const absl::Time now = clock_.Now();
  const absl::Duration life = std::min((credentials.expires - now) * 0.8, max_duration_);
  if (life <= absl::ZeroDuration()) return credentials;
  absl::MutexLock lock(&mutex_);
  if (const auto it = index_.find(digest); it != index_.end()) {
    entries_.erase(it->second);
    index_.erase(it);
  }
  entries_.push_front({digest, credentials, now + life});
  index_[digest] = entries_.begin();
  while (entries_.size() > max_size_) {
    index_.erase(entries_.back().key);
    entries_.pop_back();
  }
  return credentials;
}

}  // namespace sluice::cloud_identity
