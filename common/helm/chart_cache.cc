// SPDX-License-Identifier: Apache-2.0
#include "common/helm/chart_cache.h"

#include "common/base/status_macros.h"

namespace sluice::helm {
namespace {

size_t BytesOf(const Chart& chart) {
  size_t bytes = 0;
  for (const ChartFile& file : chart.templates) bytes += file.data.size();
  for (const ChartFile& file : chart.files) bytes += file.data.size();
  for (const auto& dependency : chart.dependencies) bytes += BytesOf(*dependency);
  return bytes;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ParsedChart>> ChartCache::Get(absl::string_view digest,
                                                                   Dialect dialect, Loader load) {
  Key key(digest, dialect);
  {
    absl::MutexLock lock(&mutex_);
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return found->second->chart;
    }
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const Chart> chart, load());
  const size_t bytes = BytesOf(*chart);
  auto parsed = std::make_shared<const ParsedChart>(std::move(chart), dialect);
  absl::MutexLock lock(&mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) return found->second->chart;
  entries_.push_front({.key = key, .chart = parsed, .bytes = bytes});
  by_key_.emplace(std::move(key), entries_.begin());
  bytes_ += bytes;
  Trim();
  return parsed;
}

void ChartCache::Trim() {
  while (!entries_.empty() && (entries_.size() > max_charts_ || bytes_ > max_bytes_)) {
    bytes_ -= entries_.back().bytes;
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

size_t ChartCache::size() const {
  absl::MutexLock lock(&mutex_);
  return entries_.size();
}

}  // namespace sluice::helm
