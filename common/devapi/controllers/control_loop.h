// ControlLoop: the thread in which the server's own controllers work: garbage collection, namespace
// termination, custom resource definitions, event expiry, simulated workloads.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/devapi/cluster.h"

namespace sluice::devapi {

// One of them. Called from the loop's thread only.
class Controller {
 public:
  virtual ~Controller() = default;

  // A change has been committed. Takes a note of what is to be done; the work is Run()'s.
  virtual void Observe(const Change& change) = 0;

  // Does what is due, and returns when there will be more to do without another change;
  // absl::InfiniteFuture() if never.
  virtual absl::Time Run(const Context& ctx) = 0;
};

// Runs until destroyed.
class ControlLoop {
 public:
  // Becomes the observer of the cluster's store. `cluster` must outlive the loop.
  ControlLoop(Cluster& cluster, std::vector<std::unique_ptr<Controller>> controllers);
  ~ControlLoop();
  ControlLoop(const ControlLoop&) = delete;
  ControlLoop& operator=(const ControlLoop&) = delete;

  // Waits until every change committed before the call has been worked off.
  absl::Status Settle(const Context& ctx);

 private:
  void Work(const Context& ctx);

  Cluster& cluster_;
  std::vector<std::unique_ptr<Controller>> controllers_;
  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<Change> queue_ ABSL_GUARDED_BY(mutex_);
  bool idle_ ABSL_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // last: started when everything else is there
};

}  // namespace sluice::devapi
