// Ends the controller in good order before the kernel kills it for its memory, which would leave
// releases pending (Flux's feature gate OOMWatch).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"

namespace sluice::helm_controller {

struct MemoryWatchOptions {
  int threshold = 95;  // percent of the limit
  absl::Duration interval = absl::Milliseconds(500);
  // Files with one number of bytes each; "": those of the control group, version 2 or 1.
  std::string max_path;
  std::string current_path;
};

// Calls `on_exceeded` once, on a thread that ends with `ctx` or when it is destroyed, as soon as
// more than the threshold is used. Without a limit nothing is watched. kNotFound where there is no
// file to read; kInvalidArgument for a threshold or an interval that makes no sense. `clock` must
// outlive the thread.
absl::StatusOr<std::jthread> WatchMemory(const Context& ctx, MemoryWatchOptions options,
                                         std::function<void()> on_exceeded, Clock& clock);

}  // namespace sluice::helm_controller
