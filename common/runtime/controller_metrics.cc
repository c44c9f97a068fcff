// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/controller_metrics.h"

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

}  // namespace

ControllerMetrics::ControllerMetrics(metrics::Registry& registry)
    : total_(registry.AddCounter({.name = "controller_runtime_reconcile_total",
                                  .help = "Reconciliations per controller.",
                                  .labels = {"controller", "result"}})),
      errors_(registry.AddCounter({.name = "controller_runtime_reconcile_errors_total",
                                   .help = "Reconciliations that ended in an error.",
                                   .labels = {"controller"}})),
      seconds_(registry.AddHistogram({.name = "controller_runtime_reconcile_time_seconds",
                                      .help = "Time per reconciliation.",
                                      .labels = {"controller"}},
                                     metrics::ExponentialBuckets(0.001, 2.5, 14))),
      object_seconds_(registry.AddHistogram({.name = "gotk_reconcile_duration_seconds",
                                             .help = "The duration in seconds of a reconciliation.",
                                             .labels = {"kind", "name", "namespace"}},
                                            ObjectBuckets())),
      depth_(registry.AddGauge({.name = "workqueue_depth",
                                .help = "Objects that wait to be reconciled.",
                                .labels = {"name"}})) {}

void ControllerMetrics::Init(absl::string_view kind) {
  for (const ReconcileResult result : {ReconcileResult::kSuccess, ReconcileResult::kRequeue,
                                       ReconcileResult::kRequeueAfter, ReconcileResult::kError}) {
    total_.Add({kind, ResultName(result)}, 0);
  }
  errors_.Add({kind}, 0);
  depth_.Set({kind}, 0);
}

void ControllerMetrics::Reconciled(absl::string_view kind, const kube::ObjectKey& key,
                                   ReconcileResult result, absl::Duration took) {
  const double seconds = absl::ToDoubleSeconds(took);
  total_.Add({kind, ResultName(result)});
  if (result == ReconcileResult::kError) errors_.Add({kind});
  seconds_.Observe({kind}, seconds);
  object_seconds_.Observe({kind, key.name, key.ns}, seconds);
}

void ControllerMetrics::QueueDepth(absl::string_view kind, size_t depth) {
  depth_.Set({kind}, static_cast<double>(depth));
}

void ControllerMetrics::Forget(absl::string_view kind, const kube::ObjectKey& key) {
  object_seconds_.Remove({kind, key.name, key.ns});
}

}  // namespace sluice::runtime
