// SPDX-License-Identifier: Apache-2.0
#include "common/helm/ignore_rules.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::helm {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("rules name what is ignored", "[helm]") {
  struct Row {
    const char* rules;
    const char* path;
    bool is_directory;
    bool ignored;
  };
  const Row rows[] = {
      {"", "templates/.hidden", false, true},  // Helm's own rule
      {"", "templates/sub/.hidden", false, false},
      {"*.txt", "a/b/c.txt", false, true},  // no slash: the last element
      {"a/*.txt", "a/c.txt", false, true},  // a slash: the whole path
      {"a/*.txt", "x/a/c.txt", false, false},
      {"a/*.txt", "a/b/c.txt", false, false},  // * is within one element
      {"/c.txt", "c.txt", false, true},
      {"/c.txt", "a/c.txt", false, false},
      {"docs/", "docs", true, true},
      {"docs/", "docs", false, false},  // for folders only
      {"# *.txt\n\n", "a.txt", false, false},
      {"  a.txt  ", "a.txt", false, true},
      {"\xEF\xBB\xBF"
       "a.txt",
       "a.txt", false, true},
      {"!a.txt", "b.txt", false, true},  // all that is not it
      {"!a.txt", "a.txt", false, false},
      {"b.txt\n!*.txt", "b.txt", false, true},  // the first that ignores wins
  };
  for (const Row& row : rows) {
    CAPTURE(row.rules, row.path);
    CHECK(IgnoreRules::Parse(row.rules).value().Ignores(row.path, row.is_directory) == row.ignored);
  }
}

TEST_CASE("rules that Helm cannot read are errors", "[helm]") {
  CHECK_THAT(
      IgnoreRules::Parse("a/**/b").status(),
      StatusIs(absl::StatusCode::kInvalidArgument, "double-star (**) syntax is not supported"));
  CHECK_THAT(IgnoreRules::Parse("[a").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "syntax error in pattern"));
}

}  // namespace
}  // namespace sluice::helm
