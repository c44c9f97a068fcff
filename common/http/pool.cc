// SPDX-License-Identifier: Apache-2.0
#include "common/http/pool.h"

#include <iterator>
#include <utility>

#include "common/base/steady_clock.h"

namespace sluice::http {
namespace {

// As Go's default transport; servers commonly close after 60 s or more.
constexpr absl::Duration kLongestIdle = absl::Seconds(90);

}  // namespace

std::unique_ptr<Connection> ConnectionPool::Take(const std::string& origin) {
  std::vector<Idle> unfit;  // closed after the lock is released
  const absl::MutexLock lock(&mutex_);
  const auto entry = idle_.find(origin);
  if (entry == idle_.end()) return nullptr;
  std::vector<Idle>& connections = entry->second;
  while (!connections.empty()) {
    Idle last = std::move(connections.back());
    connections.pop_back();
    if (last.connection->Quiet()) return std::move(last.connection);
    unfit.push_back(std::move(last));
  }
  idle_.erase(entry);
  return nullptr;
}

void ConnectionPool::Put(const std::string& origin, std::unique_ptr<Connection> connection) {
  const absl::Time now = SteadyClock().Now();
  std::vector<Idle> expired;
  connection->ReleaseBuffer();
  const absl::MutexLock lock(&mutex_);
  std::vector<Idle>& connections = idle_[origin];
  if (connections.size() < most_per_origin_) {
    connections.push_back({std::move(connection), now});
  } else {
    expired.push_back({std::move(connection), now});
  }
  if (now >= next_expiry_) {
    Expire(now, expired);
    next_expiry_ = now + kLongestIdle / 3;
  }
}

void ConnectionPool::Expire(absl::Time now, std::vector<Idle>& expired) {
  for (auto entry = idle_.begin(); entry != idle_.end();) {
    // Oldest first, since the last one put is the first one taken.
    std::vector<Idle>& connections = entry->second;
    auto kept = connections.begin();
    while (kept != connections.end() && now - kept->since >= kLongestIdle) ++kept;
    std::move(connections.begin(), kept, std::back_inserter(expired));
    connections.erase(connections.begin(), kept);
    if (connections.empty()) {
      idle_.erase(entry++);
    } else {
      ++entry;
    }
  }
}

}  // namespace sluice::http
