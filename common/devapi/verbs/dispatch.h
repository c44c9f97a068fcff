// From a resolved call to its verb.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/devapi/requests/call.h"

namespace sluice::devapi {

// Runs the verb or subresource that the call names. The API error "the server does not allow this
// method on the requested resource" (405) or "could not find" (404) if there is none.
absl::StatusOr<Reply> Dispatch(Cluster& cluster, Call& call);

}  // namespace sluice::devapi
