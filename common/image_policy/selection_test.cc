// SPDX-License-Identifier: Apache-2.0
#include "common/image_policy/selection.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "common/testing/status_matchers.h"

namespace sluice::image_policy {
namespace {

using ::sluice::testing::StatusIs;

using Tags = std::vector<std::string>;

Rules Semver(std::string range) { return {.semver_range = std::move(range)}; }
Rules Alphabetical(std::string order) { return {.alphabetical_order = std::move(order)}; }
Rules Numerical(std::string order) { return {.numerical_order = std::move(order)}; }
Rules Filtered(Rules rules, std::string pattern, std::string extract) {
  rules.filter = TagFilterRules{std::move(pattern), std::move(extract)};
  return rules;
}

absl::StatusOr<std::string> Pick(const Rules& rules, const Tags& tags) {
  const auto selection = Selection::Create(rules);
  if (!selection.ok()) return selection.status();
  return selection->Pick(tags);
}

TEST_CASE("the tag that the policy means is picked", "[image_policy]") {
  struct Row {
    const char* name;
    Rules rules;
    Tags tags;
    const char* picked;
  };
  const Tags calver = {"16.04", "16.04.1", "16.10", "20.04", "20.10"};
  const Tags builds = {"main-20-abc", "main-9-def", "main-100-aaa", "dev-200-bbb"};
  const Row rows[] = {
      {"patch",
       Semver("1.0.x"),
       {"1.0.0", "1.0.0.1", "1.0.0p", "1.0.1", "1.2.0", "0.1.0"},
       "1.0.1"},
      {"with v", Semver("1.0.x"), {"v1.2.3", "v1.0.0", "v0.1.0"}, "v1.0.0"},
      {"range with v", Semver("v1.0.x"), {"1.0.7", "1.0.0"}, "1.0.7"},
      {"upper-case V is no version", Semver("*"), {"V9.0.0", "1.0.0"}, "1.0.0"},
      {"two parts are no version", Semver("*"), {"2024.1", "9", "1.0.0"}, "1.0.0"},
      {"leading zeros", Semver("*"), {"1.02.3", "1.1.9"}, "1.02.3"},
      {"no pre-release", Semver(">=1.0.0"), {"1.1.0-rc.1", "1.0.0"}, "1.0.0"},
      {"pre-release on request", Semver(">=1.0.0-0"), {"1.1.0-rc.1", "1.0.0"}, "1.1.0-rc.1"},
      {"equal versions: the first", Semver("*"), {"1.0.0+b", "1.0.0+a"}, "1.0.0+b"},
      {"alphabetical", Alphabetical("asc"), calver, "20.10"},
      {"alphabetical down", Alphabetical("desc"), calver, "16.04"},
      {"alphabetical by default", Alphabetical(""), calver, "20.10"},
      {"alphabetical in bytes", Alphabetical("asc"), {"B", "a", "Z"}, "a"},
      {"numerical", Numerical("asc"), {"9", "10", "1e1", "-5"}, "1e1"},
      {"numerical down", Numerical("desc"), {"9", "10", "-5", "-5.0"}, "-5.0"},
      {"one number", Numerical("desc"), {"1"}, "1"},
      {"filter", Filtered(Semver("*"), "^v", ""), {"2.0.0", "v1.0.0"}, "v1.0.0"},
      {"filter anywhere", Filtered(Alphabetical("asc"), "1\\.", ""), {"x1.0", "2"}, "x1.0"},
      {"extract", Filtered(Numerical("asc"), "^main-(\\d+)-", "$1"), builds, "main-100-aaa"},
      {"extract by name", Filtered(Numerical("desc"), "^main-(?P<n>\\d+)-", "$n"), builds,
       "main-9-def"},
      {"extract a version",
       Filtered(Semver("^1"), "^(.*)-debian$", "$1"),
       {"1.2.0-debian", "1.3.0", "1.1.0-debian"},
       "1.2.0-debian"},
      {"same value: the last tag",
       Filtered(Numerical("asc"), "^(\\d+)-", "$1"),
       {"7-b", "7-a", "3-z"},
       "7-a"},
      {"empty pattern", Filtered(Alphabetical("asc"), "", ""), {"a", "b"}, "b"},
      {"versions go first",
       {.semver_range = "*", .alphabetical_order = "asc", .numerical_order = "asc", .filter = {}},
       {"1.0.0", "zz"},
       "1.0.0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto picked = Pick(row.rules, row.tags);
    CHECK_THAT(picked.status(), testing::IsOk());
    CHECK(picked.value_or("") == row.picked);
  }
}

TEST_CASE("a policy that cannot pick says why", "[image_policy]") {
  struct Row {
    Rules rules;
    Tags tags;
    absl::StatusCode code;
    const char* message;
  };
  using Code = absl::StatusCode;
  const Row rows[] = {
      {Semver("> = 1.0"), {"1.0.0"}, Code::kInvalidArgument, "invalid policy: improper constraint"},
      {Semver(""), {"1.0.0"}, Code::kInvalidArgument, "invalid policy: "},
      {Alphabetical("up"),
       {"1"},
       Code::kInvalidArgument,
       "invalid policy: invalid order argument provided: 'up', must be one of: asc, desc"},
      {Rules(), {"1"}, Code::kInvalidArgument, "given ImagePolicyChoice object is invalid"},
      {Filtered(Semver("*"), "(", ""),
       {"1.0.0"},
       Code::kInvalidArgument,
       "failed to filter tags: invalid regular expression pattern '('"},
      {Semver("^2"), {"1.0.0", "b2.0.0"}, Code::kNotFound, "unable to determine latest version"},
      {Semver("*"), {}, Code::kNotFound, "version list argument cannot be empty"},
      {Filtered(Alphabetical("asc"), "x", ""),
       {"1"},
       Code::kNotFound,
       "version list argument cannot be empty"},
      {Numerical("asc"),
       {"0", "1a", "b"},
       Code::kFailedPrecondition,
       "failed to parse invalid numeric value '1a'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    CHECK_THAT(Pick(row.rules, row.tags).status(), StatusIs(row.code, row.message));
  }
}

TEST_CASE("numbers are read as Go reads them", "[image_policy]") {
  struct Row {
    const char* text;
    double number;
  };
  const Row rows[] = {{"0", 0},
                      {"+1.5", 1.5},
                      {"-91", -91},
                      {".5", 0.5},
                      {"5.", 5},
                      {"1e3", 1000},
                      {"1_000", 1000},
                      {"0x1p4", 16},
                      {"0x_1Fp0", 31},
                      {"inf", INFINITY},
                      {"-Infinity", -INFINITY},
                      {"1E-2", 0.01}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(ParseGoFloat(row.text).value_or(-12345) == row.number);
  }
  CHECK(std::isnan(ParseGoFloat("NaN").value_or(0)));
  for (const char* text : {"", "+", ".", "1e", "0x1F", "1__0", "_1", "1_", "1e400", " 1", "1 ",
                           "1a", "0x", "-nan", "1._5", "0xp1", "e5"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseGoFloat(text).has_value());
  }
}

}  // namespace
}  // namespace sluice::image_policy
