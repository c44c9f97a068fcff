// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/controllers/control_loop.h"

#include <algorithm>
#include <stop_token>

#include "common/base/status_macros.h"

namespace sluice::devapi {

ControlLoop::ControlLoop(Cluster& cluster, std::vector<std::unique_ptr<Controller>> controllers)
    : cluster_(cluster), controllers_(std::move(controllers)) {
  cluster_.store().SetObserver([this](const Change& change) {
    absl::MutexLock lock(&mutex_);
    queue_.push_back(change);
    changed_.SignalAll();
  });
  thread_ = std::jthread(
      [this](std::stop_token stop) { Work(Context::Background().WithStopToken(std::move(stop))); });
}

ControlLoop::~ControlLoop() {
  thread_.request_stop();
  thread_.join();
  cluster_.store().SetObserver(nullptr);
}

void ControlLoop::Work(const Context& ctx) {
  const auto wake = ctx.OnCancel([this] {
    absl::MutexLock lock(&mutex_);
    changed_.SignalAll();
  });
  absl::Time next = absl::InfinitePast();
  while (!ctx.cancelled()) {
    std::deque<Change> changes;
    {
      absl::MutexLock lock(&mutex_);
      while (queue_.empty() && cluster_.clock().Now() < next && !ctx.cancelled()) {
        idle_ = true;
        changed_.SignalAll();
        cluster_.clock().WaitUntil(changed_, mutex_, next);
      }
      idle_ = false;
      changes.swap(queue_);
    }
    next = absl::InfiniteFuture();
    for (const std::unique_ptr<Controller>& controller : controllers_) {
      for (const Change& change : changes) controller->Observe(change);
    }
    for (const std::unique_ptr<Controller>& controller : controllers_) {
      if (ctx.cancelled()) return;
      next = std::min(next, controller->Run(ctx));
    }
  }
}

absl::Status ControlLoop::Settle(const Context& ctx) {
  const auto wake = ctx.OnCancel([this] {
    absl::MutexLock lock(&mutex_);
    changed_.SignalAll();
  });
  absl::MutexLock lock(&mutex_);
  while (!(idle_ && queue_.empty())) {
    RETURN_IF_ERROR(ctx.Check());
    changed_.WaitWithTimeout(&mutex_, std::min(ctx.remaining(), absl::Seconds(1)));
  }
  return absl::OkStatus();
}

}  // namespace sluice::devapi
