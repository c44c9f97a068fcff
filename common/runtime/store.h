// Store: what an informer knows of the objects of one resource.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/kube/object.h"

namespace sluice::runtime {

// Many readers, one writer (the informer). Thread-safe; objects are shared and never changed.
class Store {
 public:
  // nullptr if there is no such object.
  kube::ObjectPtr Find(const kube::ObjectKey& key) const {
    absl::ReaderMutexLock lock(&mutex_);
    const auto it = objects_.find(key);
    return it == objects_.end() ? nullptr : it->second;
  }

  // All objects, of one namespace if `ns` is not empty, in no particular order.
  std::vector<kube::ObjectPtr> List(absl::string_view ns = "") const {
    absl::ReaderMutexLock lock(&mutex_);
    std::vector<kube::ObjectPtr> result;
    for (const auto& [key, object] : objects_) {
      if (ns.empty() || key.ns == ns) result.push_back(object);
    }
    return result;
  }

  size_t size() const {
    absl::ReaderMutexLock lock(&mutex_);
    return objects_.size();
  }

  // The previous object of that key.
  kube::ObjectPtr Put(const kube::ObjectKey& key, kube::ObjectPtr object) {
    absl::MutexLock lock(&mutex_);
    std::swap(objects_[key], object);
    return object;
  }

  kube::ObjectPtr Remove(const kube::ObjectKey& key) {
    absl::MutexLock lock(&mutex_);
    const auto it = objects_.find(key);
    if (it == objects_.end()) return nullptr;
    kube::ObjectPtr object = std::move(it->second);
    objects_.erase(it);
    return object;
  }

  // Takes a whole list at once, so that nobody sees half of one.
  using Map = absl::flat_hash_map<kube::ObjectKey, kube::ObjectPtr>;
  Map Replace(Map objects) {
    absl::MutexLock lock(&mutex_);
    objects_.swap(objects);
    return objects;
  }

 private:
  mutable absl::Mutex mutex_;
  Map objects_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::runtime
