// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/controller_metrics.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

namespace sluice::runtime {
namespace {

absl::string_view ResultName(ReconcileResult result) {
  switch (result) {
    case ReconcileResult::kSuccess:
      return "success";
    case ReconcileResult::kRequeue:
      return "requeue";
    case ReconcileResult::kRequeueAfter:
      return "requeue_after";
    case ReconcileResult::kError:
      return "error";
  }
  return "";
}

// 10 exponential buckets from 10 ms to 30 minutes, as Flux has them.
std::vector<double> ObjectBuckets() { return metrics::ExponentialBuckets(0.01, 3.8366, 10); }
// Those of client-go's work queue.
std::vector<double> QueueBuckets() { return metrics::ExponentialBuckets(1e-8, 10, 12); }

metrics::Description OfController(const char* name, const char* help) {
  return {.name = name, .help = help, .labels = {"controller"}};
}
metrics::Description OfQueue(const char* name, const char* help) {
  return {.name = name, .help = help, .labels = {"name", "controller"}};
}

}  // namespace

ControllerMetrics::ControllerMetrics(metrics::Registry& registry)
    : total_(registry.AddCounter({.name = "controller_runtime_reconcile_total",
                                  .help = "Reconciliations per controller.",
                                  .labels = {"controller", "result"}})),
      errors_(registry.AddCounter(OfController("controller_runtime_reconcile_errors_total",
                                               "Reconciliations that ended in an error."))),
      panics_(registry.AddCounter(OfController("controller_runtime_reconcile_panics_total",
                                               "Reconciliations that ended in an exception."))),
      seconds_(registry.AddHistogram(
          OfController("controller_runtime_reconcile_time_seconds", "Time per reconciliation."),
          metrics::ExponentialBuckets(0.001, 2.5, 14))),
      object_seconds_(registry.AddHistogram({.name = "gotk_reconcile_duration_seconds",
                                             .help = "The duration in seconds of a reconciliation.",
                                             .labels = {"kind", "name", "namespace"}},
                                            ObjectBuckets())),
      workers_(registry.AddGauge(
          OfController("controller_runtime_max_concurrent_reconciles", "Workers per controller."))),
      active_(registry.AddGauge(
          OfController("controller_runtime_active_workers", "Workers that are busy."))),
      depth_(registry.AddGauge(OfQueue("workqueue_depth", "Objects that wait for a worker."))),
      adds_(registry.AddCounter(
          OfQueue("workqueue_adds_total", "Objects that were handed to workers."))),
      retries_(registry.AddCounter(
          OfQueue("workqueue_retries_total", "Objects to be tried again after a back-off."))),
      queue_seconds_(registry.AddHistogram(
          OfQueue("workqueue_queue_duration_seconds", "How long objects wait for a worker."),
          QueueBuckets())),
      work_seconds_(registry.AddHistogram(
          OfQueue("workqueue_work_duration_seconds", "How long a worker has an object."),
          QueueBuckets())),
      unfinished_(registry.AddGauge(
          OfQueue("workqueue_unfinished_work_seconds",
                  "How long the objects that workers have were worked on, together."))),
      longest_(registry.AddGauge(OfQueue("workqueue_longest_running_processor_seconds",
                                         "How long the slowest worker has had its object."))) {
  registry.OnCollect([this] { ReadLoads(); });
}

void ControllerMetrics::Begin(absl::string_view kind, int workers,
                              std::function<ControllerLoad()> load) {
  const std::string name = absl::AsciiStrToLower(kind);
  for (const ReconcileResult result : {ReconcileResult::kSuccess, ReconcileResult::kRequeue,
                                       ReconcileResult::kRequeueAfter, ReconcileResult::kError}) {
    total_.Add({name, ResultName(result)}, 0);
  }
  errors_.Add({name}, 0);
  panics_.Add({name}, 0);
  workers_.Set({name}, workers);
  adds_.Add({name, name}, 0);
  retries_.Add({name, name}, 0);
  absl::MutexLock lock(&mutex_);
  loads_[name] = std::move(load);
}

void ControllerMetrics::End(absl::string_view kind) {
  absl::MutexLock lock(&mutex_);
  loads_.erase(absl::AsciiStrToLower(kind));
}

void ControllerMetrics::ReadLoads() {
  absl::MutexLock lock(&mutex_);
  for (const auto& [name, read] : loads_) {
    const ControllerLoad load = read();
    depth_.Set({name, name}, static_cast<double>(load.due));
    active_.Set({name}, static_cast<double>(load.active));
    unfinished_.Set({name, name}, absl::ToDoubleSeconds(load.unfinished));
    longest_.Set({name, name}, absl::ToDoubleSeconds(load.longest_unfinished));
  }
}

void ControllerMetrics::Taken(absl::string_view kind, absl::Duration waited) {
  const std::string name = absl::AsciiStrToLower(kind);
  adds_.Add({name, name});
  queue_seconds_.Observe({name, name}, absl::ToDoubleSeconds(waited));
}

void ControllerMetrics::Reconciled(absl::string_view kind, const kube::ObjectKey& key,
                                   ReconcileResult result, absl::Duration took) {
  const std::string name = absl::AsciiStrToLower(kind);
  const double seconds = absl::ToDoubleSeconds(took);
  total_.Add({name, ResultName(result)});
  if (result == ReconcileResult::kError) errors_.Add({name});
  seconds_.Observe({name}, seconds);
  work_seconds_.Observe({name, name}, seconds);
  object_seconds_.Observe({kind, key.name, key.ns}, seconds);
}

void ControllerMetrics::Panicked(absl::string_view kind) {
  panics_.Add({absl::AsciiStrToLower(kind)});
}

void ControllerMetrics::Retried(absl::string_view kind) {
  const std::string name = absl::AsciiStrToLower(kind);
  retries_.Add({name, name});
}

void ControllerMetrics::Forget(absl::string_view kind, const kube::ObjectKey& key) {
  object_seconds_.Remove({kind, key.name, key.ns});
}

}  // namespace sluice::runtime
