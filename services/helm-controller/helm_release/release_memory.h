// ReleaseMemory: what a deployed release was found to be, so that the next look at it can tell from
// the versions of its Secrets alone that nothing has changed.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/kube/object_key.h"

namespace sluice::helm_controller {

struct SeenRelease {
  std::string versions;  // helm_release::VersionsOf() its revisions
  std::string digest;    // of the snapshot that the newest was found equal to
  std::string chart_name;
  std::string chart_version;
};

// By HelmRelease. Thread-safe.
class ReleaseMemory {
 public:
  std::optional<SeenRelease> Find(const kube::ObjectKey& key) const {
    absl::MutexLock lock(&mutex_);
    const auto found = seen_.find(key);
    return found == seen_.end() ? std::nullopt : std::optional<SeenRelease>(found->second);
  }
  void Remember(const kube::ObjectKey& key, SeenRelease seen) {
    absl::MutexLock lock(&mutex_);
    seen_.insert_or_assign(key, std::move(seen));
  }
  void Forget(const kube::ObjectKey& key) {
    absl::MutexLock lock(&mutex_);
    seen_.erase(key);
  }

 private:
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<kube::ObjectKey, SeenRelease> seen_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::helm_controller
