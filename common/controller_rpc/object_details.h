// What SyncStatusService tells of one object beyond its status: its inventory as a tree with
// health, its history, why it is as it is.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/controller_rpc/caller_view.h"
#include "common/ssa/object_id.h"
#include "common/value/value.h"
#include "sluice/common/v1/sync_status.pb.h"

namespace sluice::controller_rpc {

// `root`, which the caller may get, and what it has applied.
absl::StatusOr<sluice::common::v1::GetTreeResponse> TreeOf(const Value& root,
                                                           const CallerView& view, absl::Time now);

// status.history of a Kustomization or HelmRelease.
sluice::common::v1::GetHistoryResponse HistoryOf(const Value& object);

absl::StatusOr<sluice::common::v1::ExplainResponse> ExplanationOf(const ssa::ObjectId& object,
                                                                  const CallerView& view,
                                                                  absl::Time now);

}  // namespace sluice::controller_rpc
