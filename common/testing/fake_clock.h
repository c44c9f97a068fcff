// A clock whose time moves only when the test says so.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>

#include "absl/base/thread_annotations.h"
#include "common/base/clock.h"

namespace sluice::testing {

// Thread-safe. Starts at 2026-01-01T00:00:00Z.
class FakeClock : public Clock {
 public:
  FakeClock();

  absl::Time Now() override;
  void WaitUntil(absl::CondVar& condition, absl::Mutex& mutex, absl::Time when) override;

  // Moves the time and lets every waiter look at its state again.
  void Advance(absl::Duration duration);

 private:
  absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::testing
