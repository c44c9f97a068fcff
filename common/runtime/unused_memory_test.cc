// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/unused_memory.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "common/metrics/process.h"

namespace sluice::runtime {
namespace {

TEST_CASE("what is not used goes back, and everything goes on", "[runtime]") {
  {
    std::vector<std::string> pieces;
    for (int i = 0; i < 100'000; ++i) pieces.emplace_back(200, 'x');
  }
  const auto before = metrics::ReadProcessUsage();
  REQUIRE(before.ok());
  // While others run code.
  std::jthread busy([](const std::stop_token& stop) {
    for (int i = 0; !stop.stop_requested(); ++i) std::to_string(i);
  });
  CHECK(ReturnUnusedMemory() > 0);
  const auto after = metrics::ReadProcessUsage();
  REQUIRE(after.ok());
  CHECK(after->resident_bytes < before->resident_bytes);
}

}  // namespace
}  // namespace sluice::runtime
