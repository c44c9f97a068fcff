// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/server_call.h"

#include <grpcpp/server_context.h>

#include <chrono>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/steady_clock.h"

namespace sluice::rpc {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(100);

}  // namespace

struct RunningCalls::State {
  absl::Mutex mutex;
  absl::CondVar changed;
  absl::flat_hash_map<grpc::ServerContext*, std::stop_source> calls ABSL_GUARDED_BY(mutex);
  bool cancelled ABSL_GUARDED_BY(mutex) = false;
  bool ending ABSL_GUARDED_BY(mutex) = false;
  std::stop_source end;
  const Context ctx = Context::Background().WithStopToken(end.get_token());
  std::thread poller;

  void Poll() {
    absl::MutexLock lock(&mutex);
    while (!ending) {
      if (calls.empty()) {
        changed.Wait(&mutex);
        continue;
      }
      SteadyClock().WaitUntil(changed, mutex, SteadyClock().Now() + kPollInterval);
      std::vector<std::stop_source> gone;
      for (const auto& [call, source] : calls) {
        // Under the lock, so that the handler cannot return, which ends the call, meanwhile.
        if (!source.stop_requested() && call->IsCancelled()) gone.push_back(source);
      }
      if (gone.empty()) continue;
      mutex.Unlock();
      for (std::stop_source& source : gone) source.request_stop();
      mutex.Lock();
    }
  }
};

RunningCalls::RunningCalls() : state_(std::make_unique<State>()) {
  state_->poller = std::thread([state = state_.get()] { state->Poll(); });
}

RunningCalls::~RunningCalls() {
  {
    const absl::MutexLock lock(&state_->mutex);
    state_->ending = true;
    state_->changed.SignalAll();
  }
  state_->poller.join();
}

const Context& RunningCalls::ctx() const { return state_->ctx; }

void RunningCalls::CancelAll() {
  std::vector<std::stop_source> all;
  {
    const absl::MutexLock lock(&state_->mutex);
    state_->cancelled = true;
    for (const auto& [call, source] : state_->calls) all.push_back(source);
  }
  state_->end.request_stop();
  for (std::stop_source& source : all) source.request_stop();
}

struct ServerCall::Entry {
  std::stop_source source;
};

ServerCall::ServerCall(RunningCalls& calls, grpc::ServerContext& call)
    : calls_(calls),
      call_(call),
      entry_(std::make_unique<Entry>()),
      ctx_(Context::Background().WithStopToken(entry_->source.get_token())) {
  if (const auto deadline = call.deadline();
      deadline != std::chrono::system_clock::time_point::max()) {
    ctx_ = ctx_.WithTimeout(absl::FromChrono(deadline) - RealClock().Now());
  }
  RunningCalls::State& state = *calls_.state_;
  bool cancelled = false;
  {
    const absl::MutexLock lock(&state.mutex);
    cancelled = state.cancelled;
    state.calls.emplace(&call, entry_->source);
    if (state.calls.size() == 1) state.changed.SignalAll();
  }
  if (cancelled) entry_->source.request_stop();
}

ServerCall::~ServerCall() {
  const absl::MutexLock lock(&calls_.state_->mutex);
  calls_.state_->calls.erase(&call_);
}

Caller ServerCall::caller() const { return CallerOf(call_); }

}  // namespace sluice::rpc
