// Board: the sync status of every object of this controller, for those who ask (SyncStatusService).
//
// It is filled by informers, so asking costs the API server nothing. A watcher is told the last
// state of each object that changed since it last looked: states in between may be skipped, the
// last one never is, and a slow watcher costs no memory.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/context.h"
#include "common/kube/gvk.h"
#include "common/runtime/informer.h"
#include "common/sync_status/status.h"

namespace sluice::sync_status {

using StatusPtr = std::shared_ptr<const SyncStatus>;

// Thread-safe.
class Board {
 public:
  // How many deleted objects are remembered for watchers that have not heard of them.
  static constexpr size_t kMaxTombstones = 10000;

  // From now on shows the objects of `informer`. Before its Start().
  void Follow(runtime::Informer& informer);
  // From now on shows objects of this kind, which somebody else puts here.
  void Show(const kube::Resource& kind);
  // The names of the kinds that are shown.
  std::vector<std::string> kinds() const;
  // nullptr if the kind is not shown. Lives as long as the board.
  const kube::Resource* FindKind(absl::string_view kind) const;

  void Put(SyncStatus status);
  void Remove(const ObjectRef& object);

  // nullptr if there is no such object.
  StatusPtr Find(const ObjectRef& object) const;
  // Up to `limit` objects after `after` that `wanted` accepts, by kind, namespace and name.
  std::vector<StatusPtr> List(const std::optional<ObjectRef>& after, size_t limit,
                              const std::function<bool(const SyncStatus&)>& wanted) const;

  struct Update {
    ObjectRef object;
    StatusPtr status;  // nullptr: the object is gone
  };
  // A place in the sequence of changes. Start with Now(), then list, then Next() from there.
  using Cursor = uint64_t;
  Cursor Now() const;
  // The next changed object; moves `cursor`. The context's error when it ends first; kUnavailable
  // when the watcher has slept through more deletions than are remembered and must start again.
  absl::StatusOr<Update> Next(const Context& ctx, Cursor& cursor);
  // The same at once: nullopt if nothing has changed since.
  absl::StatusOr<std::optional<Update>> TryNext(Cursor& cursor) const;

 private:
  struct Entry {
    StatusPtr status;  // nullptr: a tombstone
    Cursor changed;
  };

  absl::StatusOr<std::optional<Update>> After(Cursor& cursor) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void Touch(const ObjectRef& object, StatusPtr status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::map<std::string, kube::Resource> kinds_ ABSL_GUARDED_BY(mutex_);
  absl::CondVar changed_;
  std::map<ObjectRef, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::map<Cursor, ObjectRef> by_change_ ABSL_GUARDED_BY(mutex_);  // each object once
  Cursor last_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t tombstones_ ABSL_GUARDED_BY(mutex_) = 0;
  Cursor forgotten_ ABSL_GUARDED_BY(mutex_) = 0;  // tombstones up to here may be missing
};

}  // namespace sluice::sync_status
