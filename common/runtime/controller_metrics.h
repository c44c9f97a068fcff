// The metrics of a work loop, under controller-runtime's and Flux's names.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/kube/object_key.h"

namespace sluice::runtime {

enum class ReconcileResult { kSuccess, kRequeue, kRequeueAfter, kError };

// Makes every series of `kind` exist with the value 0.
void InitControllerMetrics(absl::string_view kind);
// controller_runtime_reconcile_total, _errors_total, _time_seconds.
void ReportReconcile(absl::string_view kind, ReconcileResult result, absl::Duration took);
// workqueue_depth.
void ReportQueueDepth(absl::string_view kind, size_t depth);
// gotk_reconcile_duration_seconds of one object; Forget removes its series with the object.
void ReportObjectReconcile(absl::string_view kind, const kube::ObjectKey& key, absl::Duration took);
void ForgetObjectReconcile(absl::string_view kind, const kube::ObjectKey& key);

}  // namespace sluice::runtime
