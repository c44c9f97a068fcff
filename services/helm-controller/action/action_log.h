// ActionLog: the last lines of what an action did, for the event that tells of its failure
// (spec/helm.md §2.14).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/value/value.h"

namespace sluice::helm_controller {

// Thread-safe.
class ActionLog {
 public:
  static constexpr size_t kLines = 10;

  // `clock` must outlive it.
  explicit ActionLog(Clock& clock) : clock_(clock) {}

  // `attributes` is an object; nothing secret goes in.
  void Add(absl::string_view message, const Value& attributes = Value::EmptyObject());
  void Clear() {
    absl::MutexLock lock(&mutex_);
    lines_.clear();
  }

  // "\n\nLast Helm logs:\n\n" and the lines; "" if there are none. A line that was repeated stands
  // once, with the number of those left out.
  std::string ToText() const;

 private:
  struct Line {
    absl::Time first;
    std::string text;
    int repeats = 0;
  };

  Clock& clock_;
  mutable absl::Mutex mutex_;
  std::deque<Line> lines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::helm_controller
