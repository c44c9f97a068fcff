// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include "cli/terminal.h"

namespace sluice::cli {

int Report(const absl::Status& status) {
  if (status.ok()) return 0;
  PrintFailure(status.message());
  return status.GetPayload(kUsageError).has_value() ? 2 : 1;
}

int Run(const std::function<absl::Status(const Context&)>& command) {
  const Context ctx = UntilInterrupted(Context::Background());
  const absl::Status status = command(ctx);
  return absl::IsCancelled(status) && ctx.cancelled() ? 130 : Report(status);
}

}  // namespace sluice::cli
