// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/work_queue.h"

#include <algorithm>

namespace sluice::runtime {

WorkQueue::WorkQueue(Clock& clock, BackoffOptions backoff) : clock_(clock), backoff_(backoff) {}

void WorkQueue::Schedule(const kube::ObjectKey& key, Place place) {
  const auto [it, inserted] = places_.try_emplace(key, place);
  if (!inserted) {
    if (it->second.due <= place.due) return;
    KeysOf(it->second).erase({it->second.due, key});
    it->second = place;
  }
  KeysOf(place).emplace(place.due, key);
  changed_.Signal();
}

void WorkQueue::AddAfter(const kube::ObjectKey& key, absl::Duration delay) {
  if (delay == absl::InfiniteDuration()) return;
  AddAt(key, {.due = clock_.Now() + delay});
}

void WorkQueue::AddInBackground(const kube::ObjectKey& key) {
  AddAt(key, {.due = clock_.Now() + kPatience, .background = true});
}

void WorkQueue::AddAt(const kube::ObjectKey& key, Place place) {
  absl::MutexLock lock(&mutex_);
  if (shut_down_) return;
  if (const auto it = processing_.find(key); it != processing_.end()) {
    if (!it->second.has_value() || place.due < it->second->due) it->second = place;
  } else {
    Schedule(key, place);
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
    const absl::Time now = clock_.Now();
    const absl::Time first = waiting_.empty() ? absl::InfiniteFuture() : waiting_.begin()->first;
    const bool from_background =
        !background_.empty() && (first > now || background_.begin()->first < first);
    if (first > now && !from_background) {
      clock_.WaitUntil(changed_, mutex_, first);
      continue;
    }
    Keys& keys = from_background ? background_ : waiting_;
    const auto [due, key] = *keys.begin();
    keys.erase(keys.begin());
    if (waited != nullptr) *waited = now - (from_background ? due - kPatience : due);
    places_.erase(key);
    processing_.emplace(key, std::nullopt);
    return key;
  }
  return std::nullopt;
}

void WorkQueue::Done(const kube::ObjectKey& key) {
  absl::MutexLock lock(&mutex_);
  const auto it = processing_.find(key);
  if (it == processing_.end()) return;
  const std::optional<Place> again = it->second;
  processing_.erase(it);
  if (again.has_value() && !shut_down_) Schedule(key, *again);
}

void WorkQueue::ShutDown() {
  absl::MutexLock lock(&mutex_);
  shut_down_ = true;
  waiting_.clear();
  background_.clear();
  places_.clear();
  changed_.SignalAll();
}

size_t WorkQueue::depth() const {
  absl::MutexLock lock(&mutex_);
  return waiting_.size() + background_.size();
}

size_t WorkQueue::due() const {
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  size_t count = background_.size();
  for (auto it = waiting_.begin(); it != waiting_.end() && it->first <= now; ++it) ++count;
  return count;
}

}  // namespace sluice::runtime
