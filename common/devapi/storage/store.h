// Store: all objects in memory, one resourceVersion for all of them, and the changes to follow.
//
// A write names the version it replaces; somebody else's write in between makes it fail, and the
// caller reads and computes again. Nothing is computed under the store's lock.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/devapi/storage/object.h"
#include "common/devapi/storage/watch_log.h"

namespace sluice::devapi {

// Objects at one instant, by namespace and name.
struct Listing {
  uint64_t version = 0;
  std::vector<ObjectRef> objects;
};

// One committed change, as the observer is told.
struct Change {
  std::string storage;
  Event event;
};

// Thread-safe. `storage` is Resource::storage.
class Store {
 public:
  // `clock` must outlive the store.
  explicit Store(Clock& clock, WatchLogLimits limits = {});

  // Called with every change, in order, under the store's lock: it may only take a note. Set once,
  // before the first write.
  void SetObserver(std::function<void(const Change&)> observer);

  // The resourceVersion of the newest change.
  uint64_t version() const;

  // null if there is none.
  ObjectRef Find(absl::string_view storage, const ObjectKey& key) const;

  // Stores `value` under the next resourceVersion, which is written into its metadata.
  // Create: kAlreadyExists. Replace and Remove: kAborted if the object is not `expected` any more.
  absl::StatusOr<ObjectRef> Create(absl::string_view storage, const ObjectKey& key, Value value);
  absl::StatusOr<ObjectRef> Replace(absl::string_view storage, const ObjectKey& key,
                                    const ObjectRef& expected, Value value);
  // The last state under the version of its removal.
  absl::StatusOr<ObjectRef> Remove(absl::string_view storage, const ObjectKey& key,
                                   const ObjectRef& expected);
  // Remove() that leaves `last` as the last state in the event.
  absl::StatusOr<ObjectRef> Remove(absl::string_view storage, const ObjectKey& key,
                                   const ObjectRef& expected, Value last);

  // The objects of `ns`, or of all namespaces if it is "".
  Listing List(absl::string_view storage, absl::string_view ns) const;
  // The same as of `version`; kOutOfRange if that is compacted or still to come.
  absl::StatusOr<Listing> ListAt(absl::string_view storage, absl::string_view ns,
                                 uint64_t version) const;
  size_t Count(absl::string_view storage) const;
  // Names of the storages that hold objects.
  std::vector<std::string> Storages() const;

  // Faults for tests. Ends every running watch of `storage` ("" for all), or forgets the history up
  // to now, so that resuming before it is kOutOfRange.
  void DropWatches(absl::string_view storage);
  void Compact(absl::string_view storage);

  // Follows one storage. Not thread-safe itself; must not outlive the store.
  class Watch {
   public:
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    struct Batch {
      std::vector<Event> events;  // may be empty: nothing new by `until`
      uint64_t version = 0;       // everything up to here has been handed out
    };
    // The next changes; waits for one until `until`. kOutOfRange if the log was compacted past the
    // watch's position, kAborted after DropWatches(), ctx.Check()'s error.
    absl::StatusOr<Batch> Next(const Context& ctx, absl::Time until);

   private:
    friend class Store;
    Watch(Store& store, std::string storage, uint64_t position);

    Store& store_;
    const std::string storage_;
    uint64_t position_;
    uint64_t drops_ = 0;
    absl::Time delivered_ = absl::InfinitePast();
  };
  // The objects of `ns` now, and a watch of what follows.
  std::pair<Listing, std::unique_ptr<Watch>> ListAndWatch(absl::string_view storage,
                                                          absl::string_view ns);
  // From after `version` on; kOutOfRange if that is compacted.
  absl::StatusOr<std::unique_ptr<Watch>> WatchFrom(absl::string_view storage, uint64_t version);
  // Watches of `storage` now running.
  size_t Watchers(absl::string_view storage) const;

 private:
  // All of one storage.
  struct Shelf {
    explicit Shelf(WatchLogLimits limits) : log(limits) {}

    std::map<ObjectKey, ObjectRef> objects;
    WatchLog log;
    absl::CondVar changed;
    size_t watchers = 0;
    uint64_t drops = 0;  // times DropWatches() ended the watches
    uint64_t floor = 0;  // Compact() refuses to resume before this
  };

  Shelf& ShelfOf(absl::string_view storage) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  ObjectRef Stamp(Value value) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Commit(absl::string_view storage, Shelf& shelf, Event event)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static absl::Status CheckFloor(const Shelf& shelf, uint64_t version);
  static std::vector<ObjectRef> Select(const Shelf& shelf, absl::string_view ns);

  Clock& clock_;
  const WatchLogLimits limits_;
  std::function<void(const Change&)> observer_;
  mutable absl::Mutex mutex_;
  uint64_t version_ ABSL_GUARDED_BY(mutex_) = 0;
  mutable std::map<std::string, std::unique_ptr<Shelf>, std::less<>> shelves_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::devapi
