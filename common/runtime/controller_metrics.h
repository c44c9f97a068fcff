// The metrics of the work loops, under controller-runtime's and Flux's names.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/kube/object_key.h"
#include "common/metrics/metrics.h"

namespace sluice::runtime {

enum class ReconcileResult { kSuccess, kRequeue, kRequeueAfter, kError };

// What a work loop does at this moment.
struct ControllerLoad {
  size_t due = 0;                     // objects that wait for a worker
  size_t active = 0;                  // calls that run
  absl::Duration unfinished;          // how long they have been running, together
  absl::Duration longest_unfinished;  // … and the longest of them
};

// One per process. Thread-safe; the registry must outlive it, and not collect after its end.
//
// Kinds are as in manifests ("GitRepository"); gotk_* metrics have them so, those of
// controller-runtime in lower case, as Flux's controllers have.
class ControllerMetrics {
 public:
  explicit ControllerMetrics(metrics::Registry& registry);

  // Makes every series of `kind` exist, with the value 0 where nothing was counted. `load` is asked
  // whenever metrics are read, until End(kind).
  void Begin(absl::string_view kind, int workers, std::function<ControllerLoad()> load);
  // Does not return while `load` runs.
  void End(absl::string_view kind);

  // A worker has taken an object that was due for so long.
  void Taken(absl::string_view kind, absl::Duration waited);
  void Reconciled(absl::string_view kind, const kube::ObjectKey& key, ReconcileResult result,
                  absl::Duration took);
  void Panicked(absl::string_view kind);
  // The object is to be tried again after a back-off.
  void Retried(absl::string_view kind);
  // Removes the series of an object that is gone.
  void Forget(absl::string_view kind, const kube::ObjectKey& key);

 private:
  void ReadLoads();

  metrics::Counter& total_;
  metrics::Counter& errors_;
  metrics::Counter& panics_;
  metrics::Histogram& seconds_;
  metrics::Histogram& object_seconds_;
  metrics::Gauge& workers_;
  metrics::Gauge& active_;
  metrics::Gauge& depth_;
  metrics::Counter& adds_;
  metrics::Counter& retries_;
  metrics::Histogram& queue_seconds_;
  metrics::Histogram& work_seconds_;
  metrics::Gauge& unfinished_;
  metrics::Gauge& longest_;
  absl::Mutex mutex_;
  std::map<std::string, std::function<ControllerLoad()>> loads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::runtime
