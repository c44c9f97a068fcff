// The metrics of the work loops, under controller-runtime's and Flux's names.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/kube/object_key.h"
#include "common/metrics/metrics.h"

namespace sluice::runtime {

enum class ReconcileResult { kSuccess, kRequeue, kRequeueAfter, kError };

// One per process. Thread-safe; the registry must outlive it.
class ControllerMetrics {
 public:
  explicit ControllerMetrics(metrics::Registry& registry);

  // Makes every series of `kind` exist with the value 0.
  void Init(absl::string_view kind);
  // controller_runtime_reconcile_total, _errors_total and _time_seconds, and
  // gotk_reconcile_duration_seconds of the object.
  void Reconciled(absl::string_view kind, const kube::ObjectKey& key, ReconcileResult result,
                  absl::Duration took);
  // workqueue_depth.
  void QueueDepth(absl::string_view kind, size_t depth);
  // Removes the series of an object that is gone.
  void Forget(absl::string_view kind, const kube::ObjectKey& key);

 private:
  metrics::Counter& total_;
  metrics::Counter& errors_;
  metrics::Histogram& seconds_;
  metrics::Histogram& object_seconds_;
  metrics::Gauge& depth_;
};

}  // namespace sluice::runtime
