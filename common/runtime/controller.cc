// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/controller.h"

#include <algorithm>
#include <exception>

#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/crypto/random.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "common/runtime/predicates.h"

namespace sluice::runtime {
namespace {

// A crash of a library inside one reconciliation must not take the process, and with it every other
// object, down: it counts as that object's error.
absl::StatusOr<Action> Guarded(const ControllerOptions& options, Reconciler& reconciler,
                               const Context& ctx, const kube::ObjectKey& key,
                               ControllerMetrics& metrics) {
  try {
    return reconciler.Reconcile(ctx, key);
  } catch (const std::exception& e) {
    metrics.Panicked(options.kind);
    const std::string message = absl::StrCat("recovered from exception: ", e.what());
    if (options.on_exception) options.on_exception(key, message);
    return absl::InternalError(message);
  }
}

}  // namespace

Controller::Controller(ControllerOptions options, Reconciler& reconciler,
                       ControllerMetrics& metrics, Clock& clock)
    : options_(std::move(options)),
      reconciler_(reconciler),
      metrics_(metrics),
      clock_(clock),
      queue_(clock, options_.backoff) {
  metrics_.Begin(options_.kind, options_.workers, [this] { return Load(); });
}

Controller::~Controller() {
  metrics_.End(options_.kind);
  stop_.request_stop();
  queue_.ShutDown();
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  if (watcher_.joinable()) watcher_.join();
  std::list<Worker> workers;
  {
    absl::MutexLock lock(&mutex_);
    workers.swap(workers_);
  }
  workers.clear();  // joins
}

void Controller::Start(const Context& ctx) {
  on_cancel_ = ctx.OnCancel([this] { queue_.ShutDown(); });
  worker_ctx_ = ctx.WithStopToken(stop_.get_token()).WithField("controllerKind", options_.kind);
  absl::MutexLock lock(&mutex_);
  for (int i = 0; i < options_.workers; ++i) AddWorker();
  if (options_.max_slow > 0) watcher_ = std::jthread([this] { Watch(); });
}

void Controller::WakeNew(const Value& object) {
  if (AwaitsReconciliation(object)) {
    queue_.Add(kube::KeyOf(object));
  } else {
    queue_.AddInBackground(kube::KeyOf(object));
  }
}

void Controller::AddWorker() {
  workers_.remove_if([](const Worker& worker) { return worker.ended; });
  ++working_;
  Worker& worker = workers_.emplace_back();
  worker.thread = std::jthread([this, &worker] { Work(worker); });
}

void Controller::Work(Worker& self) {
  absl::Duration waited;
  while (const std::optional<kube::ObjectKey> key = queue_.Next(&waited)) {
    metrics_.Taken(options_.kind, waited);
    std::list<Call>::iterator call;
    {
      absl::MutexLock lock(&mutex_);
      call = calls_.insert(calls_.end(), Call{clock_.Now()});
      changed_.SignalAll();
    }
    RunIfOurs(*key);
    queue_.Done(*key);
    if (!Finish(call)) break;
  }
  absl::MutexLock lock(&mutex_);
  self.ended = true;
}

bool Controller::Finish(std::list<Call>::iterator call) {
  absl::MutexLock lock(&mutex_);
  if (call->slow) --slow_;
  calls_.erase(call);
  changed_.SignalAll();  // there may be room to set another aside
  if (working_ - slow_ <= options_.workers) return true;
  --working_;
  return false;
}

void Controller::Watch() {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    absl::Time next = absl::InfiniteFuture();
    const absl::Time now = clock_.Now();
    for (Call& call : calls_) {
      if (call.slow) continue;
      if (slow_ == options_.max_slow) break;
      if (now - call.start < options_.slow_after) {
        next = call.start + options_.slow_after;
        break;
      }
      call.slow = true;
      ++slow_;
      if (working_ - slow_ < options_.workers) AddWorker();
    }
    clock_.WaitUntil(changed_, mutex_, next);
  }
}

void Controller::RunIfOurs(const kube::ObjectKey& key) {
  if (options_.shares == nullptr) return RunOne(*worker_ctx_, key);
  const auto claim = options_.shares->Begin(*worker_ctx_, options_.kind, key);
  // It is woken when it becomes ours.
  if (claim != nullptr) RunOne(claim->context(), key);
}

ControllerLoad Controller::Load() {
  ControllerLoad load;
  load.due = queue_.due();
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  load.active = calls_.size();
  for (const Call& call : calls_) {
    load.unfinished += now - call.start;
    load.longest_unfinished = std::max(load.longest_unfinished, now - call.start);
  }
  return load;
}

void Controller::RunOne(const Context& ctx, const kube::ObjectKey& key) {
  const Context attempt = ctx.WithField("name", key.name)
                              .WithField("namespace", key.ns)
                              .WithField("reconcileID", crypto::RandomUuid());
  const absl::Time start = clock_.Now();
  log::Debug(attempt, kReconcileBegins);
  const absl::StatusOr<Action> action = Guarded(options_, reconciler_, attempt, key, metrics_);
  log::Debug(attempt, kReconcileEnds);
  ReconcileResult result;
  if (!action.ok()) {
    result = ReconcileResult::kError;
    if (!ctx.cancelled()) {
      log::Error(attempt, action.status(), "Reconciler error");
      metrics_.Retried(options_.kind);
      queue_.AddRateLimited(key);
    }
  } else if (action->rate_limited()) {
    result = ReconcileResult::kRequeue;
    metrics_.Retried(options_.kind);
    queue_.AddRateLimited(key);
  } else {
    result = action->delay() == absl::InfiniteDuration() ? ReconcileResult::kSuccess
                                                         : ReconcileResult::kRequeueAfter;
    queue_.Forget(key);
    queue_.AddAfter(key, action->delay());
  }
  const absl::Duration took = clock_.Now() - start;
  if (action.ok()) {
    log::Debug(attempt, "Reconciliation finished", {{"took", FormatGoDuration(took)}});
  }
  metrics_.Reconciled(options_.kind, key, result, took);
}

}  // namespace sluice::runtime
