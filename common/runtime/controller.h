// The work loop: N workers that take keys from a queue and run a reconciler on them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/runtime/controller_metrics.h"
#include "common/runtime/reconciler.h"
#include "common/runtime/work_queue.h"

namespace sluice::runtime {

struct ControllerOptions {
  std::string kind;  // "GitRepository": for logs and metrics
  int workers = 4;   // --concurrent
  BackoffOptions backoff;
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
  WorkQueue& queue() { return queue_; }

 private:
  void Work(const Context& ctx);
  void RunOne(const Context& ctx, const kube::ObjectKey& key);

  const ControllerOptions options_;
  Reconciler& reconciler_;
  ControllerMetrics& metrics_;
  Clock& clock_;
  WorkQueue queue_;
  std::stop_source stop_;
  std::unique_ptr<Context::Registration> on_cancel_;
  std::vector<std::jthread> workers_;
};

}  // namespace sluice::runtime
