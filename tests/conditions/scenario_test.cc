// SPDX-License-Identifier: Apache-2.0
#include "tests/conditions/scenario.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::conditions {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("known differences are found by name or by the beginning of it", "[conditions]") {
  const auto known = KnownDifferences::Parse(
      "# a comment\n\nskip hr-* no reconciler\ndiffers ks-empty two  words\nvaries ks-a x\n");
  REQUIRE(known.ok());
  REQUIRE(known->Find("hr-install") != nullptr);
  CHECK(known->Find("hr-install")->kind == KnownDifferences::Kind::kSkip);
  REQUIRE(known->Find("ks-empty") != nullptr);
  CHECK(known->Find("ks-empty")->kind == KnownDifferences::Kind::kDiffers);
  CHECK(known->Find("ks-empty")->reason == "two  words");
  CHECK(known->Find("ks-a")->kind == KnownDifferences::Kind::kVaries);
  CHECK(known->Find("ks-empty-not") == nullptr);
}

TEST_CASE("a line without a kind, a name and a reason is refused", "[conditions]") {
  for (const char* text : {"skip", "skip a", "skip a ", "ignore a b", "hr-install"}) {
    CAPTURE(text);
    CHECK_THAT(KnownDifferences::Parse(text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, text[0] == 's' ? "skip" : text));
  }
}

}  // namespace
}  // namespace sluice::conditions
