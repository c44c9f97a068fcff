// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_repository/index_cache.h"

#include "common/base/status_macros.h"
#include "common/disk/handle.h"

namespace sluice::source_controller {
namespace {

constexpr size_t kBlock = size_t{256} << 10;

absl::StatusOr<std::optional<helm_repository::ChartVersions>> FindInFile(
    const Context& ctx, const artifact::Storage& storage, const api::Artifact& artifact,
    const std::string& chart) {
  ASSIGN_OR_RETURN(const disk::Handle file, storage.Open(ctx, artifact));
  helm_repository::ChartFinder finder(chart);
  std::string block(kBlock, '\0');
  while (true) {
    ASSIGN_OR_RETURN(const size_t count,
                     disk::ReadSome(file.fd(), block.data(), block.size(), artifact.path));
    if (count == 0) break;
    ASSIGN_OR_RETURN(const bool more, finder.Feed(absl::string_view(block.data(), count)));
    if (!more) break;
  }
  return finder.Finish();
}

}  // namespace

IndexCache::IndexCache(const IndexCacheOptions& options, const artifact::Storage& storage,
                       Clock& clock, metrics::Registry* registry)
    : options_(options), storage_(storage), clock_(clock) {
  if (registry == nullptr) return;
  events_ = &registry->AddCounter({.name = "gotk_cache_events_total",
                                   .help = "Total number of cache retrieval events for a Gitops "
                                           "Toolkit resource reconciliation.",
                                   .labels = {"event_type", "name", "namespace"}});
}

void IndexCache::Purge() {
  const absl::Time now = clock_.Now();
  if (now < next_purge_) return;
  next_purge_ = now + options_.purge_interval;
  std::erase_if(indexes_, [now](const auto& entry) { return entry.second.expires <= now; });
}

absl::StatusOr<IndexCache::Lookup> IndexCache::Find(const Context& ctx,
                                                    const api::Artifact& artifact,
                                                    const std::string& chart,
                                                    const kube::ObjectKey& repository) {
  if (options_.max_size <= 0) {
    ASSIGN_OR_RETURN(auto versions, FindInFile(ctx, storage_, artifact, chart));
    return Lookup{std::move(versions)};
  }
  const absl::Time expires = clock_.Now() + options_.ttl;
  std::optional<Lookup> kept;
  {
    absl::MutexLock lock(&mutex_);
    Purge();
    const auto index = indexes_.find(artifact.path);
    if (index != indexes_.end()) {
      index->second.expires = expires;
      const auto found = index->second.charts.find(chart);
      if (found != index->second.charts.end()) kept = Lookup{found->second};
    }
  }
  if (events_ != nullptr) {
    events_->Add({kept.has_value() ? "cache_hit" : "cache_miss", repository.name, repository.ns});
  }
  if (kept.has_value()) return *std::move(kept);
  ASSIGN_OR_RETURN(auto versions, FindInFile(ctx, storage_, artifact, chart));
  absl::MutexLock lock(&mutex_);
  const bool room =
      indexes_.contains(artifact.path) || indexes_.size() < static_cast<size_t>(options_.max_size);
  if (room) {
    Index& index = indexes_[artifact.path];
    index.expires = expires;
    index.charts[chart] = versions;
  }
  return Lookup{std::move(versions), !room};
}

void IndexCache::Extend(const api::Artifact& artifact) {
  absl::MutexLock lock(&mutex_);
  const auto index = indexes_.find(artifact.path);
  if (index != indexes_.end()) index->second.expires = clock_.Now() + options_.ttl;
}

void IndexCache::Forget(const kube::ObjectKey& repository) {
  if (events_ == nullptr) return;
  events_->RemoveWhere({{"name", repository.name}, {"namespace", repository.ns}});
}

}  // namespace sluice::source_controller
