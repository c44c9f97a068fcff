// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_update/refspec.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/testing/status_matchers.h"

namespace sluice::image_controller {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

TEST_CASE("a refspec leads from the pushed branch to a reference", "[refspec]") {
  struct Row {
    const char* text;
    const char* target;
    bool force;
  };
  const Row rows[] = {{"refs/heads/auto:refs/heads/other", "refs/heads/other", false},
                      {"+HEAD:refs/for/main", "refs/for/main", true},
                      {"auto:refs/x/y", "refs/x/y", false},
                      {"auto:other", "refs/heads/other", false},
                      {"auto", "refs/heads/auto", false},
                      {"refs/heads/*:refs/copies/*", "refs/copies/auto", false},
                      {"+refs/heads/au*:refs/x/*-z", "refs/x/to-z", true}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto refspec = ParseRefspec(row.text, "auto");
    REQUIRE_THAT(refspec.status(), IsOk());
    CHECK(refspec->target == row.target);
    CHECK(refspec->force == row.force);
  }
  for (const char* text : {"", "main:refs/heads/x", ":refs/heads/x", "refs/tags/*:refs/x/*",
                           "refs/heads/*:refs/x/y", "auto:refs/heads/a..b", "auto:"}) {
    CAPTURE(text);
    CHECK_THAT(ParseRefspec(text, "auto").status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "refspec '"));
  }
}

}  // namespace
}  // namespace sluice::image_controller
