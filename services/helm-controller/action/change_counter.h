// ChangeCounter: lets whoever waits for objects know that one of them has changed, or that there is
// something newer to do.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/base/status_macros.h"

namespace sluice::helm_controller {

// Thread-safe.
class ChangeCounter {
 public:
  void Note() {
    absl::MutexLock lock(&mutex_);
    ++count_;
    changed_.SignalAll();
  }

  // Somebody, `by`, asks for something newer than what is being done.
  void Supersede(std::string by) {
    absl::MutexLock lock(&mutex_);
    superseded_by_ = std::move(by);
    ++count_;
    changed_.SignalAll();
  }
  // "" if nobody does.
  std::string superseded_by() const {
    absl::MutexLock lock(&mutex_);
    return superseded_by_;
  }

  int64_t count() const {
    absl::MutexLock lock(&mutex_);
    return count_;
  }

  // OK when the count is no longer `seen`, or after `longest`; ctx.Check()'s error when the context
  // ends first.
  absl::Status Await(const Context& ctx, int64_t seen, absl::Duration longest, Clock& clock) {
    const absl::Time until = clock.Now() + longest;
    const auto registration = ctx.OnCancel([this] {
      absl::MutexLock lock(&mutex_);
      changed_.SignalAll();
    });
    absl::MutexLock lock(&mutex_);
    while (count_ == seen && clock.Now() < until) {
      RETURN_IF_ERROR(ctx.Check());
      clock.WaitUntil(changed_, mutex_, std::min(until, clock.Now() + ctx.remaining()));
    }
    return ctx.Check();
  }

 private:
  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string superseded_by_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::helm_controller
