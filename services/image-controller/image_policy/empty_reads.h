// How often each policy found no tags, one after the other: a scan that began with it may be under
// way, so the first times nobody is told.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/kube/object_key.h"

namespace sluice::image_controller {

// Thread-safe.
class EmptyReads {
 public:
  // One more; how many there are now.
  int Add(const kube::ObjectKey& policy) {
    absl::MutexLock lock(&mutex_);
    return ++counts_[policy];
  }
  void Forget(const kube::ObjectKey& policy) {
    absl::MutexLock lock(&mutex_);
    counts_.erase(policy);
  }

 private:
  absl::Mutex mutex_;
  absl::flat_hash_map<kube::ObjectKey, int> counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::image_controller
