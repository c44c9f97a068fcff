// SPDX-License-Identifier: Apache-2.0
#include "common/base/steady_clock.h"

#include <catch2/catch.hpp>

namespace sluice {
namespace {

TEST_CASE("the steady clock begins as the system's and moves on", "[clock]") {
  const absl::Time now = SteadyClock().Now();
  CHECK(absl::AbsDuration(now - RealClock().Now()) < absl::Minutes(1));
  CHECK(SteadyClock().Sleep(Context::Background(), absl::Milliseconds(20)).ok());
  const absl::Duration passed = SteadyClock().Now() - now;
  CHECK(passed >= absl::Milliseconds(20));
  CHECK(passed < absl::Seconds(20));
}

TEST_CASE("a wait by the steady clock ends with its time, or earlier when it is signalled",
          "[clock]") {
  absl::Mutex mutex;
  absl::CondVar condition;
  absl::MutexLock lock(&mutex);
  const absl::Time start = SteadyClock().Now();
  const absl::Time soon = start + absl::Milliseconds(20);
  while (SteadyClock().Now() < soon) SteadyClock().WaitUntil(condition, mutex, soon);
  CHECK(SteadyClock().Now() >= soon);

  bool set = false;
  std::jthread other([&] {
    absl::MutexLock inner(&mutex);
    set = true;
    condition.Signal();
  });
  const absl::Time late = start + absl::Hours(1);
  while (!set && SteadyClock().Now() < late) SteadyClock().WaitUntil(condition, mutex, late);
  CHECK(set);
  mutex.Unlock();
  other.join();
  mutex.Lock();
}

}  // namespace
}  // namespace sluice
