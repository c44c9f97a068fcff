// What every command does around its work: from options to an exit code.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "cli/connection.h"
#include "common/base/context.h"

namespace sluice::cli {

// The exit code of a command that ended so: 2 for a wrong command line, 1 for any other failure,
// for which "✗ message" stands on standard error.
int Report(const absl::Status& status);

// Runs `command`, which Ctrl-C cancels: 130 then, as shells have it, else Report().
int Run(const std::function<absl::Status(const Context&)>& command);

// The same with the cluster that the options name.
template <typename Options>
int RunConnected(const Options& options,
                 absl::Status (*command)(const Context&, Connection&, const Options&)) {
  return Run([&](const Context& ctx) {
    auto connection = Connect(options.connection);
    return connection.ok() ? command(ctx, *connection, options) : connection.status();
  });
}

}  // namespace sluice::cli
