// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/feature_gates.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::runtime {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

TEST_CASE("gates have their defaults until the flag says otherwise", "[runtime]") {
  FeatureGates gates({{"A", false}, {"B", true}});
  CHECK_FALSE(gates.Enabled("A"));
  CHECK(gates.Enabled("B"));
  CHECK_FALSE(gates.Enabled("C"));
  CHECK_THAT(gates.Parse(""), IsOk());
  CHECK_THAT(gates.Parse(" A=true, B=0,"), IsOk());
  CHECK(gates.Enabled("A"));
  CHECK_FALSE(gates.Enabled("B"));
}

TEST_CASE("unknown gates and values are refused, and change nothing", "[runtime]") {
  struct Row {
    const char *text, *message;
  };
  const Row rows[] = {{"A=true,OptimizedGitClones=true", "'OptimizedGitClones' not supported"},
                      {"A=true,B", "missing bool value for feature gate 'B'"},
                      {"A=true,B=yes", "invalid value of feature gate 'B': 'yes'"}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    FeatureGates gates({{"A", false}, {"B", false}});
    CHECK_THAT(gates.Parse(row.text), StatusIs(absl::StatusCode::kInvalidArgument, row.message));
    CHECK_FALSE(gates.Enabled("A"));
  }
}

TEST_CASE("who knows no gate accepts any, and has none enabled", "[runtime]") {
  FeatureGates gates;
  CHECK_THAT(gates.Parse("A=true"), IsOk());
  CHECK_FALSE(gates.Enabled("A"));
}

}  // namespace
}  // namespace sluice::runtime
