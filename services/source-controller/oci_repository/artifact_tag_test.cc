// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/oci_repository/artifact_tag.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::source_controller {
namespace {

using ::sluice::testing::StatusIs;

const std::vector<std::string> kTags = {
    "6.1.4",      "6.1.5",  "6.1.5-rc.1", "6.1.6-rc.1",        "latest", "6.1",
    "v6.2.0-rc1", "sha-12", "6.1.5_b",    "6.2.1_ref.1234567", "06.0.1"};

TEST_CASE("the newest version of a range is a tag", "[oci_repository]") {
  struct Row {
    const char* range;
    const char* filter;
    bool helm_tags;
    const char* tag;
  };
  const Row rows[] = {
      {"6.1.x", "", false, "6.1.5"},
      {">= 6.1.x-0", ".*-rc.*", false, "v6.2.0-rc1"},
      {">= 6.1.x-0 <6.2.0-0", ".*-rc.*", false, "6.1.6-rc.1"},
      {"*", "", false, "6.1.5"},
      {"6.0.x", "", false, "06.0.1"},  // leading zeros are read over, and kept in the name
      {">=6.2.0", "", true, "6.2.1_ref.1234567"},
      {"6.1.5", "", true, "6.1.5_b"},  // the same version: the last by its bytes
      {"6.x", "4$", false, "6.1.4"},   // part of the tag is enough
  };
  for (const Row& row : rows) {
    CAPTURE(row.range, row.filter);
    const auto tag = NewestTag(kTags, {"", row.range, row.filter, ""}, row.helm_tags);
    REQUIRE(tag.ok());
    CHECK(*tag == row.tag);
  }
}

TEST_CASE("a range without a tag is told as in Flux", "[oci_repository]") {
  CHECK_THAT(NewestTag(kTags, {"", ">=7", "", ""}, false).status(),
             StatusIs(absl::StatusCode::kNotFound, "no match found for semver: >=7"));
  CHECK_THAT(NewestTag(kTags, {"", "6.1.x", "^x$", ""}, false).status(),
             StatusIs(absl::StatusCode::kNotFound, "no match found for semver: 6.1.x"));
  CHECK_THAT(NewestTag({}, {"", "*", "", ""}, false).status(),
             StatusIs(absl::StatusCode::kNotFound, "no match found for semver: *"));
  CHECK(absl::IsInvalidArgument(NewestTag(kTags, {"", "<6.1.x>", "", ""}, false).status()));
  CHECK(absl::IsInvalidArgument(NewestTag(kTags, {"", "*", "[", ""}, false).status()));
}

}  // namespace
}  // namespace sluice::source_controller
