// AppliedMemo: what the last apply of one set of objects found or made, so that looking again costs
// no dry run, and where a watch tells of the objects, no request at all.
//
// A note says: with this content the live object was what applying `desired` makes of it. While
// both are the same, a dry run can only say so again, but for what changed in the API server itself
// (defaults, admission): hence notes expire. Losing them costs a dry run each.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/kube/gvk.h"
#include "common/ssa/change_set.h"
#include "common/ssa/live_view.h"
#include "common/ssa/object_id.h"

namespace sluice::ssa {

// Of one set of objects, applied by one user to one cluster. Thread-safe.
class AppliedMemo {
 public:
  explicit AppliedMemo(absl::Duration lifetime = absl::Hours(1)) : lifetime_(lifetime) {}

  bool Holds(const ObjectId& id, const Fingerprint& desired, const LiveFacts& live,
             absl::Time now) const;
  // Whether `seen` is older than what was noted of the object: a watch that has not caught up.
  bool IsAheadOf(const ObjectId& id, const std::optional<LiveFacts>& seen) const;
  void Note(const ObjectId& id, const kube::Resource& resource, const Fingerprint& desired,
            const LiveFacts& live, absl::Time now);

  // An apply went through and `changes` is its result: notes of other objects are dropped.
  void Complete(const ChangeSet& changes);
  // The result of applying the same objects once more, if `view` shows that every one of them still
  // is as it was left: all unchanged, in apply order.
  std::optional<ChangeSet> Confirm(LiveView& view, absl::Time now) const;
  // Whether the object `key` was noted with other content than it has now.
  bool Contradicts(const kube::Resource& resource, const kube::ObjectKey& key,
                   const std::optional<LiveFacts>& now) const;

 private:
  struct Seen {
    kube::Resource resource;
    Fingerprint desired;
    Fingerprint live;
    uint64_t resource_version;
    absl::Time when;
  };

  bool IsAheadLocked(const Seen& seen, const std::optional<LiveFacts>& facts) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const absl::Duration lifetime_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Seen> seen_ ABSL_GUARDED_BY(mutex_);
  std::optional<Inventory> complete_ ABSL_GUARDED_BY(mutex_);  // in apply order
};

}  // namespace sluice::ssa
