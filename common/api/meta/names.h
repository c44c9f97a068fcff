// Keys and reasons that every Flux kind shares (fluxcd/pkg apis/meta).

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sluice::api {

inline constexpr char kReconcileRequestAnnotation[] = "reconcile.fluxcd.io/requestedAt";
inline constexpr char kEventAnnotationPrefix[] = "event.toolkit.fluxcd.io/";
inline constexpr char kFinalizer[] = "finalizers.fluxcd.io";

// Condition types.
inline constexpr char kReady[] = "Ready";
inline constexpr char kReconciling[] = "Reconciling";
inline constexpr char kStalled[] = "Stalled";
inline constexpr char kHealthy[] = "Healthy";

// Reasons.
inline constexpr char kSucceededReason[] = "Succeeded";
inline constexpr char kFailedReason[] = "Failed";
inline constexpr char kProgressingReason[] = "Progressing";
inline constexpr char kProgressingWithRetryReason[] = "ProgressingWithRetry";

}  // namespace sluice::api
