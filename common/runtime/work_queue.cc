// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/work_queue.h"

#include <algorithm>

namespace sluice::runtime {

WorkQueue::WorkQueue(Clock& clock, BackoffOptions backoff) : clock_(clock), backoff_(backoff) {}

void WorkQueue::Schedule(const kube::ObjectKey& key, absl::Time when) {
  const auto [it, inserted] = when_.try_emplace(key, when);
  if (!inserted) {
    if (it->second <= when) return;
    waiting_.erase({it->second, key});
    it->second = when;
  }
  waiting_.emplace(when, key);
  changed_.Signal();
}

void WorkQueue::AddAfter(const kube::ObjectKey& key, absl::Duration delay) {
  if (delay == absl::InfiniteDuration()) return;
  const absl::Time when = clock_.Now() + delay;
  absl::MutexLock lock(&mutex_);
  if (shut_down_) return;
  if (const auto it = processing_.find(key); it != processing_.end()) {
    it->second = it->second.has_value() ? std::min(*it->second, when) : when;
  } else {
    Schedule(key, when);
  }
}

void WorkQueue::AddRateLimited(const kube::ObjectKey& key) {
  int failures;
  {
    absl::MutexLock lock(&mutex_);
    failures = ++failures_[key];
  }
  absl::Duration delay = backoff_.min;
  for (int i = 1; i < failures && delay < backoff_.max; ++i) delay *= 2;
  AddAfter(key, std::min(delay, backoff_.max));
}

void WorkQueue::Forget(const kube::ObjectKey& key) {
  absl::MutexLock lock(&mutex_);
  failures_.erase(key);
}

std::optional<kube::ObjectKey> WorkQueue::Next(absl::Duration* waited) {
  absl::MutexLock lock(&mutex_);
  while (!shut_down_) {
    if (waiting_.empty()) {
      clock_.WaitUntil(changed_, mutex_, absl::InfiniteFuture());
      continue;
    }
    const auto first = waiting_.begin();
    const absl::Time now = clock_.Now();
    if (first->first > now) {
      clock_.WaitUntil(changed_, mutex_, first->first);
      continue;
    }
    if (waited != nullptr) *waited = now - first->first;
    kube::ObjectKey key = first->second;
    waiting_.erase(first);
    when_.erase(key);
    processing_.emplace(key, std::nullopt);
    return key;
  }
  return std::nullopt;
}

void WorkQueue::Done(const kube::ObjectKey& key) {
  absl::MutexLock lock(&mutex_);
  const auto it = processing_.find(key);
  if (it == processing_.end()) return;
  const std::optional<absl::Time> again = it->second;
  processing_.erase(it);
  if (again.has_value() && !shut_down_) Schedule(key, *again);
}

void WorkQueue::ShutDown() {
  absl::MutexLock lock(&mutex_);
  shut_down_ = true;
  waiting_.clear();
  when_.clear();
  changed_.SignalAll();
}

size_t WorkQueue::depth() const {
  absl::MutexLock lock(&mutex_);
  return waiting_.size();
}

size_t WorkQueue::due() const {
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  size_t count = 0;
  for (auto it = waiting_.begin(); it != waiting_.end() && it->first <= now; ++it) ++count;
  return count;
}

}  // namespace sluice::runtime
