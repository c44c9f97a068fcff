// WatchedOwners: hands what a watch shows of the objects of releases to those that wait for them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

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
    if (const auto counter = Find(owner); counter != nullptr) counter->Note();
  }
  // `by`, "Kind/ns/name", asks for a reconciliation of `owner`.
  void Supersede(const kube::ObjectKey& owner, const std::string& by) {
    if (const auto counter = Find(owner); counter != nullptr) counter->Supersede(by);
  }

 private:
  std::shared_ptr<ChangeCounter> Find(const kube::ObjectKey& owner) {
    absl::MutexLock lock(&mutex_);
    const auto found = followed_.find(owner);
    return found == followed_.end() ? nullptr : found->second.lock();
  }

  absl::Mutex mutex_;
  absl::flat_hash_map<kube::ObjectKey, std::weak_ptr<ChangeCounter>> followed_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::helm_controller
