// WatchedOwners: hands what a watch shows of the objects of releases to those that wait for them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/kube/object_key.h"
#include "services/helm-controller/action/change_counter.h"

namespace sluice::helm_controller {

// Thread-safe.
class WatchedOwners {
 public:
  // Counts changes of the objects of HelmRelease `owner` as long as somebody holds it. One holder
  // per owner.
  std::shared_ptr<ChangeCounter> Follow(const kube::ObjectKey& owner) {
    auto counter = std::make_shared<ChangeCounter>();
    absl::MutexLock lock(&mutex_);
    absl::erase_if(followed_, [](const auto& entry) { return entry.second.expired(); });
    followed_.insert_or_assign(owner, counter);
    return counter;
  }

  void Note(const kube::ObjectKey& owner) {
    std::shared_ptr<ChangeCounter> counter;
    {
      absl::MutexLock lock(&mutex_);
      const auto found = followed_.find(owner);
      if (found != followed_.end()) counter = found->second.lock();
    }
    if (counter != nullptr) counter->Note();
  }

 private:
  absl::Mutex mutex_;
  absl::flat_hash_map<kube::ObjectKey, std::weak_ptr<ChangeCounter>> followed_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::helm_controller
