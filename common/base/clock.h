// Clock: the one way to read the time and to wait for it. Production uses RealClock(); tests a
// FakeClock (common/testing/fake_clock.h) whose time moves only when the test says so.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/context.h"

namespace sluice {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual absl::Time Now() = 0;

  // Waits on `condition` (with `mutex` held, as absl::CondVar does) until it is signalled or `when`
  // is reached, whichever is first; may also return early. The caller checks its own state.
  virtual void WaitUntil(absl::CondVar& condition, absl::Mutex& mutex, absl::Time when) = 0;

  // OK once `duration` has passed; ctx.Check()'s error when the context ends first.
  absl::Status Sleep(const Context& ctx, absl::Duration duration);
};

// The system's clock. Lives as long as the process.
Clock& RealClock();

}  // namespace sluice
