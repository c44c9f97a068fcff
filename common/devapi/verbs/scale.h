// The scale subresource.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/devapi/requests/call.h"

namespace sluice::devapi {

// get, update and patch of autoscaling/v1 Scale for the object of the call.
absl::StatusOr<Reply> Scale(Cluster& cluster, Call& call);

}  // namespace sluice::devapi
