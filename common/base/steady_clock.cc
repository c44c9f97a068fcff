// SPDX-License-Identifier: Apache-2.0
#include "common/base/steady_clock.h"

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <list>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/clock.h"

namespace sluice {
namespace {

constexpr int kMomentMs = 100;

// Waits of absl::CondVar end when the system's clock says so, so whoever waits must look again when
// that is set.
class Waiters {
 public:
  using Place = std::list<absl::CondVar*>::iterator;

  Place Add(absl::CondVar& condition) {
    absl::MutexLock lock(&mutex_);
    if (!watcher_.joinable()) watcher_ = std::thread([this] { Watch(); });
    return waiting_.insert(waiting_.end(), &condition);
  }
  void Remove(Place place) {
    absl::MutexLock lock(&mutex_);
    waiting_.erase(place);
  }

 private:
  void Watch() {
    const int timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (timer < 0) return;
    itimerspec never = {};
    never.it_value.tv_sec = INT32_MAX;
    int patience = -1;  // for ever
    pollfd entry = {timer, POLLIN, 0};
    // Once it is armed, poll() reports that the clock is set.
    while (timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr) ==
               0 ||
           errno == ECANCELED) {
      if (poll(&entry, 1, patience) < 0 && errno != EINTR) break;
      // A moment later once more, for those that were on their way to wait.
      patience = patience < 0 ? kMomentMs : -1;
      WakeAll();
    }
    close(timer);
  }
  void WakeAll() {
    absl::MutexLock lock(&mutex_);
    for (absl::CondVar* condition : waiting_) condition->SignalAll();
  }

  absl::Mutex mutex_;
  std::thread watcher_ ABSL_GUARDED_BY(mutex_);  // never ends, as the clock never does
  std::list<absl::CondVar*> waiting_ ABSL_GUARDED_BY(mutex_);
};

absl::Duration SinceBoot() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::DurationFromTimespec(now);
}

class SteadySystemClock : public Clock {
 public:
  absl::Time Now() override { return boot_ + SinceBoot(); }

  void WaitUntil(absl::CondVar& condition, absl::Mutex& mutex, absl::Time when) override {
    if (when == absl::InfiniteFuture()) return condition.Wait(&mutex);
    const Waiters::Place place = waiters_.Add(condition);
    condition.WaitWithTimeout(&mutex, when - Now());
    waiters_.Remove(place);
  }

 private:
  const absl::Time boot_ = absl::Now() - SinceBoot();
  Waiters waiters_;
};

}  // namespace

Clock& SteadyClock() {
  static SteadySystemClock* const kClock = new SteadySystemClock;
  return *kClock;
}

}  // namespace sluice
