// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/storage/watch_log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace sluice::devapi {

void WatchLog::Append(Event event) {
  bytes_ += event.object->size();
  events_.push_back(std::move(event));
  while (events_.size() > limits_.events || (bytes_ > limits_.bytes && events_.size() > 1)) {
    DropOldest();
  }
}

absl::StatusOr<std::vector<Event>> WatchLog::Since(uint64_t version, size_t max) const {
  if (version < compacted_) {
    return absl::OutOfRangeError(
        absl::StrCat("too old resource version: ", version, " (", compacted_ + 1, ")"));
  }
  auto first =
      std::upper_bound(events_.begin(), events_.end(), version,
                       [](uint64_t wanted, const Event& event) { return wanted < event.version; });
  const size_t count = std::min(max, static_cast<size_t>(events_.end() - first));
  return std::vector<Event>(first, first + static_cast<std::ptrdiff_t>(count));
}

void WatchLog::Compact(uint64_t version) {
  while (!events_.empty() && events_.front().version <= version) DropOldest();
  compacted_ = std::max(compacted_, version);
}

void WatchLog::DropOldest() {
  compacted_ = events_.front().version;
  bytes_ -= events_.front().object->size();
  events_.pop_front();
}

}  // namespace sluice::devapi
