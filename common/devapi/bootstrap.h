// What every cluster has before anybody writes to it: the system namespaces, the kubernetes
// service, the default roles.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/devapi/cluster.h"
#include "common/value/value.h"

namespace sluice::devapi {

absl::Status Bootstrap(Cluster& cluster);

// Creates `object` as the server itself would, or replaces it if it exists; its kind must be
// served.
absl::Status Seed(Cluster& cluster, const Value& object);

}  // namespace sluice::devapi
