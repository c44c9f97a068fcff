// The whole cluster as text and back, so that a development server can be stopped and started
// again.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/devapi/cluster.h"
#include "common/value/value.h"

namespace sluice::devapi {

// All objects but Events: file name ("deployments.apps.yaml") to YAML documents. Objects are as
// stored: with their uids, times and status.
std::map<std::string, std::string> TakeSnapshot(const Cluster& cluster);

// Puts `objects` of a snapshot back as they are, in place of those of the same name; only their
// resourceVersions are new. Definitions of custom kinds may come in any order. kNotFound for a kind
// that is not served.
absl::Status RestoreSnapshot(Cluster& cluster, std::vector<Value> objects);

}  // namespace sluice::devapi
