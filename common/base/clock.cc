// SPDX-License-Identifier: Apache-2.0
#include "common/base/clock.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/steady_clock.h"

namespace sluice {
namespace {

class SystemClock : public Clock {
 public:
  absl::Time Now() override { return absl::Now(); }

  void WaitUntil(absl::CondVar& condition, absl::Mutex& mutex, absl::Time when) override {
    condition.WaitWithDeadline(&mutex, when);
  }
};

}  // namespace

absl::Status Clock::Sleep(const Context& ctx, absl::Duration duration) {
  // However the system's clock is set meanwhile.
  if (this == &RealClock()) return SteadyClock().Sleep(ctx, duration);
  const absl::Time until = Now() + duration;
  absl::Mutex mutex;
  absl::CondVar condition;
  const auto registration = ctx.OnCancel([&mutex, &condition] {
    absl::MutexLock lock(&mutex);
    condition.SignalAll();
  });
  absl::MutexLock lock(&mutex);
  while (Now() < until) {
    RETURN_IF_ERROR(ctx.Check());
    WaitUntil(condition, mutex, std::min(until, ctx.deadline()));
  }
  return ctx.Check();
}

Clock& RealClock() {
  static SystemClock* const kClock = new SystemClock;
  return *kClock;
}

}  // namespace sluice
