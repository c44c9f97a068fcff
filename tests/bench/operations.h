// What the engines do, as operations on inputs of a size that can be chosen: timed by micro.cc, and
// counted by the regression gate (gate.py).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace sluice::bench {

struct Operation {
  const char* name;
  // Makes the input and returns what does the work on it, once a call; the cost should grow as
  // `scale` does. The work returns something of its result that depends on all of it.
  std::function<std::function<size_t()>(size_t scale)> prepare;
};

std::span<const Operation> Operations();

}  // namespace sluice::bench
