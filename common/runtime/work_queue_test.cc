// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/work_queue.h"

#include <catch2/catch.hpp>
#include <thread>

#include "common/testing/fake_clock.h"

namespace sluice::runtime {
namespace {

const kube::ObjectKey kA = {"default", "a"};
const kube::ObjectKey kB = {"default", "b"};

TEST_CASE("the earliest of several wakes wins", "[runtime]") {
  testing::FakeClock clock;
  WorkQueue queue(clock);
  queue.AddAfter(kA, absl::Hours(1));
  queue.AddAfter(kB, absl::Seconds(2));
  queue.AddAfter(kA, absl::Seconds(1));
  queue.AddAfter(kA, absl::Hours(2));
  CHECK(queue.depth() == 2);
  CHECK(queue.due() == 0);
  clock.Advance(absl::Seconds(3));
  CHECK(queue.due() == 2);
  absl::Duration waited;
  CHECK(queue.Next(&waited) == kA);
  CHECK(waited == absl::Seconds(2));
  CHECK(queue.Next() == kB);
}

TEST_CASE("the background waits for everything else, but not for ever", "[runtime]") {
  testing::FakeClock clock;
  WorkQueue queue(clock);
  const kube::ObjectKey c = {"default", "c"};
  const kube::ObjectKey d = {"default", "d"};
  queue.AddInBackground(kA);
  queue.AddInBackground(kB);
  queue.AddInBackground(c);
  queue.AddAfter(d, absl::Minutes(1));
  CHECK(queue.depth() == 4);
  CHECK(queue.due() == 3);
  queue.Add(kB);  // somebody waits for it after all
  queue.AddInBackground(kB);
  clock.Advance(absl::Seconds(1));
  absl::Duration waited;
  CHECK(queue.Next(&waited) == kB);
  CHECK(queue.Next(&waited) == kA);
  CHECK(waited == absl::Seconds(1));
  queue.AddInBackground(kA);          // being processed
  queue.AddAfter(c, absl::Hours(1));  // is sooner already
  clock.Advance(WorkQueue::kPatience);
  queue.Add(kB);
  queue.Done(kB);
  CHECK(queue.Next(&waited) == c);  // due for longer than kB
  CHECK(queue.Next() == kB);
  queue.Done(kA);
  CHECK(queue.Next() == kA);
  clock.Advance(absl::Minutes(1));
  CHECK(queue.Next() == d);
  CHECK(queue.depth() == 0);
}

TEST_CASE("a key is never handed out twice at once, and runs again if woken meanwhile",
          "[runtime]") {
  testing::FakeClock clock;
  WorkQueue queue(clock);
  queue.Add(kA);
  REQUIRE(queue.Next() == kA);
  queue.Add(kA);
  queue.Add(kA);
  CHECK(queue.depth() == 0);
  queue.Done(kA);
  CHECK(queue.depth() == 1);
  REQUIRE(queue.Next() == kA);
  queue.Done(kA);
  CHECK(queue.depth() == 0);
}

TEST_CASE("failures double the delay up to the bound, a success resets it", "[runtime]") {
  testing::FakeClock clock;
  WorkQueue queue(clock, {.min = absl::Seconds(1), .max = absl::Seconds(4)});
  const auto delay_of_next_failure = [&] {
    queue.AddRateLimited(kA);
    const absl::Time start = clock.Now();
    std::thread mover([&] {
      while (queue.depth() > 0) clock.Advance(absl::Milliseconds(500));
    });
    REQUIRE(queue.Next() == kA);
    mover.join();
    queue.Done(kA);
    return clock.Now() - start;
  };
  CHECK(delay_of_next_failure() >= absl::Seconds(1));
  CHECK(delay_of_next_failure() >= absl::Seconds(2));
  CHECK(delay_of_next_failure() >= absl::Seconds(4));
  queue.Forget(kA);
  queue.AddRateLimited(kA);
  clock.Advance(absl::Seconds(1));
  CHECK(queue.Next() == kA);
}

TEST_CASE("shutting down wakes waiting workers and drops what waits", "[runtime]") {
  WorkQueue queue(RealClock());
  std::thread worker([&] { CHECK(queue.Next() == std::nullopt); });
  queue.ShutDown();
  worker.join();
  queue.Add(kA);
  CHECK(queue.depth() == 0);
  CHECK(queue.Next() == std::nullopt);
}

}  // namespace
}  // namespace sluice::runtime
