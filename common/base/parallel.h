// A loop whose turns run side by side.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace sluice {

// Calls `body` for 0 … count-1 from up to `threads` threads, the calling one included, and returns
// when all calls have. No new turn starts after one returned false. Turns start in order.
inline void ParallelFor(size_t count, size_t threads, const std::function<bool(size_t)>& body) {
  std::atomic<size_t> next = 0;
  std::atomic<bool> go_on = true;
  const auto work = [&] {
    for (size_t i = next++; i < count && go_on; i = next++) {
      if (!body(i)) go_on = false;
    }
  };
  std::vector<std::jthread> others;
  for (size_t i = 1; i < std::min(threads, count); ++i) others.emplace_back(work);
  work();
}

}  // namespace sluice
