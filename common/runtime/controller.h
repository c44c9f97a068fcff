// The work loop: N workers that take keys from a queue and run a reconciler on them.
//
// A call that dawdles, because an upstream does, is set aside after a while: another worker takes
// its place, so that a few slow or hostile upstreams do not hold up all other objects.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/runtime/controller_metrics.h"
#include "common/runtime/reconciler.h"
#include "common/runtime/work_queue.h"
#include "common/sharding/shares.h"
#include "common/value/value.h"

namespace sluice::runtime {

// Debug messages around each call of a reconciler.
inline constexpr char kReconcileBegins[] = "reconcile begins";
inline constexpr char kReconcileEnds[] = "reconcile ends";

struct ControllerOptions {
  std::string kind;  // "GitRepository": for logs and metrics
  int workers = 4;   // --concurrent
  // How many calls that have taken longer than `slow_after` may run besides those of `workers`.
  int max_slow = 0;
  absl::Duration slow_after = absl::Seconds(1);
  BackoffOptions backoff;
  // Which objects this replica works on; must outlive the controller. nullptr: all.
  sharding::Shares* shares = nullptr;
  // Told of calls that ended in an exception, which their reconciler could say nothing of.
  std::function<void(const kube::ObjectKey& key, absl::string_view message)> on_exception;
};

// Starts working when Start() is called and stops, waiting for running calls, when destroyed.
class Controller {
 public:
  // `reconciler`, `metrics` and `clock` must outlive the controller.
  Controller(ControllerOptions options, Reconciler& reconciler, ControllerMetrics& metrics,
             Clock& clock);
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  // Call once. Workers run until `ctx` is cancelled or the controller is destroyed.
  void Start(const Context& ctx);

  // Wakes a key. May be called before Start(), from any thread.
  void Wake(const kube::ObjectKey& key) { queue_.Add(key); }
  // The same for an object that is new to this replica, be it by a list or a new share: in the
  // background, unless it waits for something.
  void WakeNew(const Value& object);
  WorkQueue& queue() { return queue_; }

 private:
  // One thread that works. Calls that run are in `calls_`, by the order of their starts.
  struct Worker {
    std::jthread thread;
    bool ended = false;
  };
  struct Call {
    absl::Time start;
    bool slow = false;
  };

  void AddWorker() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Work(Worker& self);
  // Unless the object is another replica's.
  void RunIfOurs(const kube::ObjectKey& key);
  void RunOne(const Context& ctx, const kube::ObjectKey& key);
  // Whether the worker whose call ended is to go on.
  bool Finish(std::list<Call>::iterator call);
  // Sets calls aside that have become slow.
  void Watch();
  ControllerLoad Load();

  const ControllerOptions options_;
  Reconciler& reconciler_;
  ControllerMetrics& metrics_;
  Clock& clock_;
  WorkQueue queue_;
  std::stop_source stop_;
  std::unique_ptr<Context::Registration> on_cancel_;
  std::optional<Context> worker_ctx_;
  absl::Mutex mutex_;
  absl::CondVar changed_;  // what Watch() waits for
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::list<Call> calls_ ABSL_GUARDED_BY(mutex_);
  int slow_ ABSL_GUARDED_BY(mutex_) = 0;     // of calls_
  int working_ ABSL_GUARDED_BY(mutex_) = 0;  // workers that go on
  std::list<Worker> workers_ ABSL_GUARDED_BY(mutex_);
  std::jthread watcher_;
};

}  // namespace sluice::runtime
