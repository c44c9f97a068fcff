// The keys that wait to be reconciled: merged, ordered by due time, never handed out twice at once.
//
// The vocabulary is client-go's workqueue; its invariants hold: a key is in at most one of
// "waiting" and "due", and while it is being processed it is in neither — waking it then sets it
// aside until Done().

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/kube/object_key.h"

namespace sluice::runtime {

// The delay after the n-th failure in a row is min * 2^(n-1), at most max.
struct BackoffOptions {
  absl::Duration min = absl::Milliseconds(750);  // --min-retry-delay
  absl::Duration max = absl::Minutes(15);        // --max-retry-delay
};

// Thread-safe. `clock` must outlive it.
class WorkQueue {
 public:
  explicit WorkQueue(Clock& clock, BackoffOptions backoff = {});

  // Makes `key` due now.
  void Add(const kube::ObjectKey& key) { AddAfter(key, absl::ZeroDuration()); }
  // Makes `key` due after kPatience, or as soon as nothing else is: for what nobody waits for, such
  // as thousands of objects that are new to this process only.
  void AddInBackground(const kube::ObjectKey& key);
  static constexpr absl::Duration kPatience = absl::Seconds(30);
  // Makes `key` due after `delay`, or earlier if it already is.
  void AddAfter(const kube::ObjectKey& key, absl::Duration delay);
  // Counts a failure of `key` and makes it due after its back-off.
  void AddRateLimited(const kube::ObjectKey& key);
  // Forgets the failures of `key`.
  void Forget(const kube::ObjectKey& key);

  // The next due key, which the caller must give back with Done(). Blocks; nullopt after
  // ShutDown(). `waited` receives for how long it was due.
  std::optional<kube::ObjectKey> Next(absl::Duration* waited = nullptr);
  void Done(const kube::ObjectKey& key);

  // Wakes all callers of Next() for good. Waiting keys are dropped.
  void ShutDown();

  // Keys that wait or are due, in the background too, not those being processed.
  size_t depth() const;
  // Those of them that would be handed out now.
  size_t due() const;

 private:
  struct Place {
    absl::Time due;
    bool background = false;  // may be handed out before that
  };
  using Keys = std::set<std::pair<absl::Time, kube::ObjectKey>>;  // by due time

  void AddAt(const kube::ObjectKey& key, Place place);
  void Schedule(const kube::ObjectKey& key, Place place) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Keys& KeysOf(Place place) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return place.background ? background_ : waiting_;
  }

  Clock& clock_;
  const BackoffOptions backoff_;
  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  // A key is in one of them, and `places_` says where.
  Keys waiting_ ABSL_GUARDED_BY(mutex_);
  Keys background_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<kube::ObjectKey, Place> places_ ABSL_GUARDED_BY(mutex_);
  // Being processed; the value is when to run again, if it was woken meanwhile.
  absl::flat_hash_map<kube::ObjectKey, std::optional<Place>> processing_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<kube::ObjectKey, int> failures_ ABSL_GUARDED_BY(mutex_);
  bool shut_down_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace sluice::runtime
