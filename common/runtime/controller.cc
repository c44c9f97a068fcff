// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/controller.h"

#include <exception>

#include "absl/strings/str_cat.h"
#include "common/crypto/random.h"
#include "common/log/log.h"

namespace sluice::runtime {
namespace {

// A crash of a library inside one reconciliation must not take the process, and with it every other
// object, down: it counts as that object's error.
absl::StatusOr<Action> Guarded(Reconciler& reconciler, const Context& ctx,
                               const kube::ObjectKey& key) {
  try {
    return reconciler.Reconcile(ctx, key);
  } catch (const std::exception& e) {
    return absl::InternalError(absl::StrCat("recovered from exception: ", e.what()));
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
  metrics_.Init(options_.kind);
}

Controller::~Controller() {
  stop_.request_stop();
  queue_.ShutDown();
  workers_.clear();  // joins
}

void Controller::Start(const Context& ctx) {
  on_cancel_ = ctx.OnCancel([this] { queue_.ShutDown(); });
  const Context worker_ctx =
      ctx.WithStopToken(stop_.get_token()).WithField("controllerKind", options_.kind);
  for (int i = 0; i < options_.workers; ++i) {
    workers_.emplace_back([this, worker_ctx] { Work(worker_ctx); });
  }
}

void Controller::Work(const Context& ctx) {
  while (const std::optional<kube::ObjectKey> key = queue_.Next()) {
    RunOne(ctx, *key);
    queue_.Done(*key);
    metrics_.QueueDepth(options_.kind, queue_.depth());
  }
}

void Controller::RunOne(const Context& ctx, const kube::ObjectKey& key) {
  const Context attempt = ctx.WithField("name", key.name)
                              .WithField("namespace", key.ns)
                              .WithField("reconcileID", crypto::RandomUuid());
  const absl::Time start = clock_.Now();
  const absl::StatusOr<Action> action = Guarded(reconciler_, attempt, key);
  ReconcileResult result;
  if (!action.ok()) {
    result = ReconcileResult::kError;
    if (!ctx.cancelled()) {
      log::Error(attempt, action.status(), "Reconciler error");
      queue_.AddRateLimited(key);
    }
  } else if (action->rate_limited()) {
    result = ReconcileResult::kRequeue;
    queue_.AddRateLimited(key);
  } else {
    result = action->delay() == absl::InfiniteDuration() ? ReconcileResult::kSuccess
                                                         : ReconcileResult::kRequeueAfter;
    queue_.Forget(key);
    queue_.AddAfter(key, action->delay());
  }
  metrics_.Reconciled(options_.kind, key, result, clock_.Now() - start);
}

}  // namespace sluice::runtime
