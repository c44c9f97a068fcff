// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/token_cache.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/crypto/digest.h"

namespace sluice::cloud_identity {
namespace {

// The label "operation": credentials are for reconciliations only.
constexpr char kOperation[] = "reconcile";

}  // namespace

TokenCache::TokenCache(const TokenCacheOptions& options, Clock& clock, metrics::Registry* registry)
    : max_size_(static_cast<size_t>(std::max(0, options.max_size))),
      max_duration_(std::min(options.max_duration, absl::Hours(1))),
      clock_(clock) {
  if (registry == nullptr) return;
  metrics_.emplace(Metrics{
      registry->AddCounter({.name = "gotk_token_cache_events_total",
                            .help = "Total number of cache retrieval events for a Gitops Toolkit "
                                    "resource reconciliation.",
                            .labels = {"event_type", "kind", "name", "namespace", "operation"}}),
      registry->AddCounter({.name = "gotk_token_cache_requests_total",
                            .help = "Total number of cache requests partioned by success or "
                                    "failure.",
                            .labels = {"status"}}),
      registry->AddCounter(
          {.name = "gotk_token_cache_evictions_total", .help = "Total number of cache evictions."}),
      registry->AddGauge(
          {.name = "gotk_token_cached_items", .help = "Total number of items in the cache."})});
  metrics_->evictions.Add({}, 0);
  metrics_->items.Set({}, 0);
}

absl::StatusOr<Credentials> TokenCache::Get(const std::string& key, const Make& make,
                                            const std::optional<TokenUser>& user) {
  if (max_size_ == 0) return make();
  bool hit = false;
  auto credentials = Find(crypto::Digest(crypto::Algorithm::kSha256, key), make, hit);
  if (metrics_.has_value()) {
    metrics_->requests.Add({credentials.ok() ? "success" : "failure"});
    if (user.has_value() && credentials.ok()) {
      metrics_->events.Add(
          {hit ? "cache_hit" : "cache_miss", user->kind, user->key.name, user->key.ns, kOperation});
    }
  }
  return credentials;
}

void TokenCache::Forget(const TokenUser& user) {
  if (!metrics_.has_value()) return;
  metrics_->events.RemoveWhere(
      {{"kind", user.kind}, {"name", user.key.name}, {"namespace", user.key.ns}});
}

void TokenCache::CountItems() {
  if (metrics_.has_value()) metrics_->items.Set({}, static_cast<double>(entries_.size()));
}

absl::StatusOr<Credentials> TokenCache::Find(const std::string& digest, const Make& make,
                                             bool& hit) {
  {
    absl::MutexLock lock(&mutex_);
    if (const auto it = index_.find(digest); it != index_.end()) {
      if (clock_.Now() < it->second->until) {
        entries_.splice(entries_.begin(), entries_, it->second);
        hit = true;
        return it->second->credentials;
      }
      entries_.erase(it->second);
      index_.erase(it);
      CountItems();
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
    if (metrics_.has_value()) metrics_->evictions.Add({});
  }
  CountItems();
  return credentials;
}

}  // namespace sluice::cloud_identity
