// Scenarios against a running cluster, all at once.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/value/value.h"
#include "tests/conditions/scenario.h"
#include "tests/e2e/cluster.h"

namespace sluice::conditions {

struct Result {
  bool equal = false;
  std::vector<std::string> differences;          // as last seen
  std::vector<std::string> message_differences;  // of an equal one too
  absl::Duration took;                           // until it was equal
};

// Applies every scenario in its namespace and watches until each is as recorded and still is so a
// moment later, or `limit` has passed since the first was applied. Results in the order given.
std::vector<Result> Replay(e2e::Cluster& cluster, const std::vector<Scenario>& scenarios,
                           const std::string& git_url, absl::Duration limit);

}  // namespace sluice::conditions
