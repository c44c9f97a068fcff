// ReferenceIndex: who refers to an object, so that its change wakes exactly those.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "common/kube/object_key.h"

namespace sluice::runtime {

// From a target (any text that names an object, "GitRepository/ns/name") to the keys of one kind
// that refer to it. Thread-safe.
class ReferenceIndex {
 public:
  // `referrer` now refers to these targets and no others.
  void Set(const kube::ObjectKey& referrer, std::vector<std::string> targets) {
    absl::MutexLock lock(&mutex_);
    RemoveLocked(referrer);
    for (const std::string& target : targets) referrers_[target].insert(referrer);
    if (!targets.empty()) targets_[referrer] = std::move(targets);
  }

  void Remove(const kube::ObjectKey& referrer) { Set(referrer, {}); }

  std::vector<kube::ObjectKey> ReferrersOf(const std::string& target) const {
    absl::MutexLock lock(&mutex_);
    const auto it = referrers_.find(target);
    if (it == referrers_.end()) return {};
    return {it->second.begin(), it->second.end()};
  }

 private:
  void RemoveLocked(const kube::ObjectKey& referrer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto it = targets_.find(referrer);
    if (it == targets_.end()) return;
    for (const std::string& target : it->second) {
      const auto found = referrers_.find(target);
      if (found == referrers_.end()) continue;
      found->second.erase(referrer);
      if (found->second.empty()) referrers_.erase(found);
    }
    targets_.erase(it);
  }

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, absl::flat_hash_set<kube::ObjectKey>> referrers_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<kube::ObjectKey, std::vector<std::string>> targets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::runtime
