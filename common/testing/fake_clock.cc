// SPDX-License-Identifier: Apache-2.0
#include "common/testing/fake_clock.h"

#include "absl/time/civil_time.h"

namespace sluice::testing {
namespace {

// How often a waiter looks whether the fake time has moved. Waiters hold their own mutexes, so
// Advance() cannot wake them without a lock-order risk; a short real wait is simple and cannot
// hang.
constexpr absl::Duration kPoll = absl::Milliseconds(1);

}  // namespace

FakeClock::FakeClock()
    : now_(absl::FromCivil(absl::CivilSecond(2026, 1, 1, 0, 0, 0), absl::UTCTimeZone())) {}

absl::Time FakeClock::Now() {
  absl::MutexLock lock(&mutex_);
  return now_;
}

void FakeClock::WaitUntil(absl::CondVar& condition, absl::Mutex& mutex, absl::Time when) {
  if (Now() < when) condition.WaitWithTimeout(&mutex, kPoll);
}

void FakeClock::Advance(absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  now_ += duration;
}

}  // namespace sluice::testing
