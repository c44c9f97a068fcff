// SPDX-License-Identifier: Apache-2.0
#include "common/base/parallel.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <new>
#include <vector>

#include "absl/synchronization/barrier.h"

namespace sluice {
namespace {

TEST_CASE("every turn is taken once, whatever the number of threads", "[parallel]") {
  for (const size_t threads : {0, 1, 3, 100}) {
    CAPTURE(threads);
    std::vector<std::atomic<int>> taken(50);
    ParallelFor(taken.size(), threads, [&](size_t i) { return ++taken[i] > 0; });
    for (const std::atomic<int>& count : taken) CHECK(count == 1);
  }
  ParallelFor(0, 4, [](size_t) {
    FAIL("there is no turn");
    return true;
  });
}

TEST_CASE("turns run side by side, in loops within loops as well", "[parallel]") {
  constexpr int kOuter = 3;
  constexpr int kInner = 4;
  // Passed only when all of them are there at once.
  absl::Barrier* const barrier = new absl::Barrier(kOuter * kInner);
  ParallelFor(kOuter, kOuter, [&](size_t) {
    ParallelFor(kInner, kInner, [&](size_t) {
      if (barrier->Block()) delete barrier;
      return true;
    });
    return true;
  });
}

TEST_CASE("what a turn throws reaches the caller, whoever took the turn", "[parallel]") {
  for (const size_t thrower : {0, 1}) {
    absl::Barrier* const barrier = new absl::Barrier(2);  // both turns are taken, by two threads
    CHECK_THROWS_AS(ParallelFor(2, 2,
                                [&](size_t i) {
                                  if (barrier->Block()) delete barrier;
                                  if (i == thrower) throw std::bad_alloc();
                                  return true;
                                }),
                    std::bad_alloc);
  }
}

TEST_CASE("no turn starts after one has said to stop", "[parallel]") {
  std::atomic<size_t> taken = 0;
  ParallelFor(1000, 1, [&](size_t i) { return ++taken, i < 4; });
  CHECK(taken == 5);
  taken = 0;
  ParallelFor(1000, 4, [&](size_t i) { return ++taken, i < 4; });
  CHECK(taken < 1000);
}

}  // namespace
}  // namespace sluice
