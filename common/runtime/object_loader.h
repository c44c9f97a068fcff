// ObjectLoader: where a reconciliation begins, mostly without a request.
//
// A cache may be older than our own last write, and what it lacks (an inventory, say) would be
// forgotten. So the cached object is taken only when it is at least as new as that write;
// otherwise, and the first time in this process, the object is read.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/runtime/store.h"

namespace sluice::runtime {

// Thread-safe. Its collaborators must outlive it.
class ObjectLoader {
 public:
  ObjectLoader(const Store& store, kube::Client& client, const kube::Resource& resource,
               std::string field_manager);

  // The object, with our finalizer unless it is being deleted; nullopt if it is gone.
  absl::StatusOr<std::optional<Value>> Load(const Context& ctx, const kube::ObjectKey& key);

  // We wrote `key`, and the server answered with this resourceVersion; "" for unknown.
  void NoteWrite(const kube::ObjectKey& key, absl::string_view resource_version);

 private:
  // 0 if nothing was noted.
  uint64_t LastWrite(const kube::ObjectKey& key) const;

  const Store& store_;
  kube::Client& client_;
  const kube::Resource& resource_;
  const std::string field_manager_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<kube::ObjectKey, uint64_t> writes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::runtime
