// AppliedMemo: what was found, or made, as it should be, so that looking again costs one read and
// no dry run.
//
// An entry says: at this resourceVersion the live object was what applying `desired` makes of it.
// While both are the same, a dry run can only say so again, but for what changed in the API server
// itself (defaults, admission): hence entries expire. Losing them costs a dry run each.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/ssa/object_id.h"
#include "common/value/value.h"

namespace sluice::ssa {

// Thread-safe.
class AppliedMemo {
 public:
  // Entries are believed for `lifetime`; with more than `capacity` of them, all are forgotten. One
  // takes about 100 bytes.
  explicit AppliedMemo(absl::Duration lifetime = absl::Hours(1), size_t capacity = 200'000)
      : lifetime_(lifetime), capacity_(capacity) {}

  // One object under the eyes of one actor: another user may apply to another result.
  class Entry {
   public:
    Entry(absl::string_view actor, const ObjectId& id, const Value& desired);

   private:
    friend class AppliedMemo;
    std::string key_;
    std::string desired_;  // a digest
  };

  bool Holds(const Entry& entry, absl::string_view resource_version, absl::Time now) const;
  void Note(const Entry& entry, absl::string_view resource_version, absl::Time now);

 private:
  struct Seen {
    std::string digest;  // of the desired object
    std::string resource_version;
    absl::Time when;
  };

  const absl::Duration lifetime_;
  const size_t capacity_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Seen> seen_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::ssa
