// WatchLog: the last changes of one resource, for watches to follow and old lists to be rebuilt
// from.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "absl/status/statusor.h"
#include "common/devapi/storage/object.h"

namespace sluice::devapi {

enum class EventType : uint8_t { kAdded, kModified, kDeleted };

struct Event {
  EventType type = EventType::kAdded;
  uint64_t version = 0;  // resourceVersion of the change
  ObjectRef object;      // after the change; of a deletion the last state, under `version`
  ObjectRef previous;    // before the change; null for kAdded
};

struct WatchLogLimits {
  size_t events = 16384;
  size_t bytes = size_t{32} << 20;  // of the objects after the changes
};

// A bounded queue of events in order of their versions. Not thread-safe: the Store guards it.
class WatchLog {
 public:
  explicit WatchLog(WatchLogLimits limits) : limits_(limits) {}

  // `event.version` must be above every earlier one. Drops the oldest events beyond the limits.
  void Append(Event event);

  // Up to `max` events after `version`, oldest first; kOutOfRange if some of them are gone.
  absl::StatusOr<std::vector<Event>> Since(uint64_t version, size_t max) const;

  // Forgets everything up to and including `version`.
  void Compact(uint64_t version);

  // The newest version of which the event may be gone: Since() works from here on.
  uint64_t compacted() const { return compacted_; }
  size_t size() const { return events_.size(); }
  uint64_t last_version() const { return events_.empty() ? compacted_ : events_.back().version; }

 private:
  void DropOldest();

  const WatchLogLimits limits_;
  std::deque<Event> events_;
  size_t bytes_ = 0;
  uint64_t compacted_ = 0;
};

}  // namespace sluice::devapi
