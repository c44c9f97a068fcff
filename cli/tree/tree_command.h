// `sluice tree` and `sluice top`.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "cli/connection.h"
#include "common/flags/command.h"

namespace sluice::cli {

void AddTree(Command& command);
// The same as `tree --watch`, of everything.
void AddTop(Command& command);

// Shows the tree of all namespaces and repaints it: until everything is ready, at most for
// `until_ready`, or, if that is zero, until `ctx` ends. Ends with the error of `check`, which is
// asked each time.
absl::Status WatchTree(const Context& ctx, Connection& connection, absl::Duration until_ready,
                       std::function<absl::Status()> check);

}  // namespace sluice::cli
