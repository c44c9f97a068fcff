// SPDX-License-Identifier: Apache-2.0
#include "common/semver/constraint.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::semver {
namespace {

using ::sluice::testing::StatusIs;

// Every constraint is tried against the whole ladder, so a row states what the constraint refuses
// as well as what it accepts.
std::vector<Version> Ladder() {
  std::vector<Version> ladder;
  for (const char* text : {"0.0.3", "0.0.4", "0.2.3", "0.3.0", "1.1.9", "1.2.0", "1.2.3", "1.2.9",
                           "1.3.0-rc.1", "1.3.0", "1.4.1", "2.0.0", "3.1.0"}) {
    ladder.push_back(Version::Parse(text).value());
  }
  return ladder;
}

TEST_CASE("a constraint accepts exactly the versions it describes", "[semver]") {
  struct Row {
    const char* constraint;
    std::vector<std::string> accepts;
  };
  const Row rows[] = {
      {"1.2.3", {"1.2.3"}},
      {"v1.2.3", {"1.2.3"}},
      {"1.2", {"1.2.0", "1.2.3", "1.2.9"}},            // a partial version is a range, not 1.2.0
      {">1.2", {"1.3.0", "1.4.1", "2.0.0", "3.1.0"}},  // ... so 1.2.9 is not above it
      {"<=1.2", {"0.0.3", "0.0.4", "0.2.3", "0.3.0", "1.1.9", "1.2.0", "1.2.3", "1.2.9"}},
      {"~1.2.3", {"1.2.3", "1.2.9"}},
      {"^1.2.3", {"1.2.3", "1.2.9", "1.3.0", "1.4.1"}},
      {"^0.2.3", {"0.2.3"}},  // below 1.0.0 the minor version is the breaking one
      {"^0.0.3", {"0.0.3"}},  // below 0.1.0 the patch version is
      {"^0.0", {"0.0.3", "0.0.4"}},
      {"^0", {"0.0.3", "0.0.4", "0.2.3", "0.3.0"}},
      {"1.2 - 1.3", {"1.2.0", "1.2.3", "1.2.9", "1.3.0"}},
      {"^1.2 !=1.4.1", {"1.2.0", "1.2.3", "1.2.9", "1.3.0"}},
      {"!=1.2, >=1.1, <2", {"1.1.9", "1.3.0", "1.4.1"}},
      {"<0.2 || >=3", {"0.0.3", "0.0.4", "3.1.0"}},
      {">=1.3.0-0 <2", {"1.3.0-rc.1", "1.3.0", "1.4.1"}},  // one pre-release admits them all
      {">=1.3.0-0 <1.4 || 2.x", {"1.3.0-rc.1", "1.3.0", "2.0.0"}},
      {"=> 1.4 , =< 2", {"1.4.1", "2.0.0"}},
      {"~> 1.2", {"1.2.0", "1.2.3", "1.2.9"}},
      {"~1", {"1.1.9", "1.2.0", "1.2.3", "1.2.9", "1.3.0", "1.4.1"}},
      {"x.1.2 >=3", {"3.1.0"}},  // what follows a wildcard does not count
      // Quirks of the reference: these two compare with 0.0.0.
      {"!=* <0.1", {"0.0.3", "0.0.4"}},
      {"^*", {}},
  };

  for (const Row& row : rows) {
    CAPTURE(row.constraint);
    const Constraint constraint = Constraint::Parse(row.constraint).value();
    std::vector<std::string> accepted;
    for (const Version& version : Ladder()) {
      const bool matches = constraint.Matches(version);
      if (matches) accepted.push_back(version.text());
      CHECK(constraint.Explain(version).ok() == matches);
      CHECK(constraint.Reasons(version).empty() == matches);
      CHECK(IsCompatible(row.constraint, version.text()) == matches);
    }
    CHECK(accepted == row.accepts);
    CHECK(constraint.text() == row.constraint);
  }
}

TEST_CASE("text that is not a constraint is refused, quoting the group at fault", "[semver]") {
  for (const char* text : {"", "a", ">>1", "1.2.3.4", "1.2.", "~^1", "1.2 ||", ",1", "1,,2", "1 -2",
                           "1.2.3-", "v", "1\v2", "> = 1"}) {
    CAPTURE(text);
    CHECK_THAT(Constraint::Parse(text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "improper constraint: \""));
    CHECK_FALSE(IsCompatible(text, "1.0.0"));
  }
  CHECK(Constraint::Parse("1 || 2 || \tbad\x01").status().message() ==
        "improper constraint: \" \\tbad\\x01\"");
  // A hyphen range is found anywhere in the text, so its rewritten form is what is quoted.
  CHECK(Constraint::Parse("a1 - 2").status().message() == "improper constraint: \"a>= 1, <= 2 \"");
  for (const char* text : {"xx", "1|2", "18446744073709551616", "1.2.3-01"}) {
    CAPTURE(text);
    CHECK_THAT(Constraint::Parse(text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "constraint parser error"));
  }
}

TEST_CASE("a constraint has at most 512 bytes and 32 groups", "[semver]") {
  const std::string longest = "1" + std::string(kMaxConstraintBytes - 1, ' ');
  CHECK(Constraint::Parse(longest).ok());
  CHECK_THAT(Constraint::Parse(longest + " ").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "longer than 512 bytes"));

  std::string groups = "1";
  for (size_t i = 1; i < kMaxConstraintGroups; ++i) absl::StrAppend(&groups, "||1");
  CHECK(Constraint::Parse(groups).ok());
  CHECK_THAT(Constraint::Parse(groups + "||1").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "more than 32 groups"));
}

TEST_CASE("a refusal says why, one reason per range", "[semver]") {
  struct Row {
    const char* constraint;
    const char* version;
    std::vector<std::string> reasons;
  };
  const Row rows[] = {
      {"^1.2 || >=3.1",
       "v2",
       {"\"2.0.0\" does not have same major version as \"1.2\"", "\"2.0.0\" is less than \"3.1\""}},
      {">1 !=2.0.0", "2.0.0", {"\"2.0.0\" is equal to \"2.0.0\""}},
      {"<1 >3",
       "2.0.0",
       {"\"2.0.0\" is greater than or equal to \"1\"", "\"2.0.0\" is less than or equal to \"3\""}},
      {"<=1", "2.0.0", {"\"2.0.0\" is greater than \"1\""}},
      {"1.0.0", "2.0.0", {"\"2.0.0\" is not equal to \"1.0.0\""}},
      {"~1.2", "1.3.0", {"\"1.3.0\" does not have same major and minor version as \"1.2\""}},
      {"^0.0.1", "0.1.0", {"\"0.1.0\" does not have same minor version as \"0.0.1\""}},
      {"^0.1",
       "0.2.0",
       {"\"0.2.0\" does not have same minor version as \"0.1\". Expected minor versions to match "
        "when constraint major version is 0"}},
      {"^0.0.1",
       "0.0.2",
       {"\"0.0.2\" does not equal \"0.0.1\". Expect version and constraint to equal when major "
        "and minor versions are 0"}},
      {"1 || 2 || <1-0",
       "1.0.0-rc.1",
       {"\"1.0.0-rc.1\" is a prerelease version and the constraint is only looking for release "
        "versions",
        "\"1.0.0-rc.1\" is greater than or equal to \"1-0\""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.constraint, row.version);
    const Constraint constraint = Constraint::Parse(row.constraint).value();
    CHECK(constraint.Reasons(Version::Parse(row.version).value()) == row.reasons);
  }
  CHECK_THAT(Constraint::Parse("^1.2 || >=3.1")->Explain(Version::Parse("2.0.0").value()),
             StatusIs(absl::StatusCode::kFailedPrecondition, "; \"2.0.0\" is less than \"3.1\""));
}

TEST_CASE("a constraint is printed in a normal spelling", "[semver]") {
  CHECK(Constraint::Parse(" >= 1.2,<2||^v3 ")->Canonical() == ">=1.2 <2 || ^v3");
  CHECK(Constraint::Parse("1 - 2 || 3 - 4 || 1 - 2")->Canonical() ==
        ">=1 <=2 || >=3 <=4 || >=1 <=2");
  CHECK(Constraint::Parse("*")->Canonical() == "*");
}

TEST_CASE("the newest matching version is selected, the first of equal ones", "[semver]") {
  const std::vector<Version> ladder = Ladder();
  CHECK(Newest(ladder, *Constraint::Parse("1.x"))->text() == "1.4.1");
  CHECK(Newest(ladder, *Constraint::Parse(">=1.3.0-0 <1.3.0"))->text() == "1.3.0-rc.1");
  CHECK(Newest(ladder, *Constraint::Parse(">4")) == nullptr);
  CHECK(Newest({}, *Constraint::Parse("*")) == nullptr);
  const std::vector<Version> equal = {Version::Parse("1.0.0+b").value(),
                                      Version::Parse("v1.0.0").value(),
                                      Version::Parse("1.0.0+c").value()};
  CHECK(Newest(equal, *Constraint::Parse("*"))->text() == "1.0.0+b");
}

TEST_CASE("a version that cannot be read is compatible with nothing", "[semver]") {
  CHECK(IsCompatible(">=1.20.0-0", "v1.34.0-gke.1"));
  CHECK_FALSE(IsCompatible(">=1.20.0", "v1.34.0-gke.1"));
  CHECK_FALSE(IsCompatible("*", "latest"));
}

}  // namespace
}  // namespace sluice::semver
