// sluice.common.v1 messages to and from our own types: one function per message.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "common/sync_status/status.h"
#include "sluice/common/v1/sync_status.pb.h"

namespace sluice::controller_rpc {

sluice::common::v1::SyncStatus ToMessage(const sync_status::SyncStatus& status);
sluice::common::v1::ObjectReference ToMessage(const sync_status::ObjectRef& object);

sync_status::SyncStatus FromMessage(const sluice::common::v1::SyncStatus& message);
sync_status::ObjectRef FromMessage(const sluice::common::v1::ObjectReference& message);

// Whether an object is selected. kInvalidArgument for a label selector that does not parse.
absl::StatusOr<std::function<bool(const sync_status::SyncStatus&)>> ToPredicate(
    const sluice::common::v1::Selection& selection);

}  // namespace sluice::controller_rpc
