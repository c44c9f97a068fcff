// A loop whose turns run side by side.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace sluice {

// Calls `body` for 0 … count-1 from up to `threads` threads, the calling one included, and returns
// when all calls have. No new turn starts after one returned false or threw; what was thrown
// (first) is thrown on. Turns start in order.
//
// The other threads are kept for later loops of this process: as many as were ever at work at once.
void ParallelFor(size_t count, size_t threads, const std::function<bool(size_t)>& body);

}  // namespace sluice
