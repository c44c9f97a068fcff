// SPDX-License-Identifier: Apache-2.0
#include "common/text/regexp.h"

#include <catch2/catch.hpp>
#include <string>

namespace sluice::text {
namespace {

// The texts are those of Go 1.26's package regexp.
TEST_CASE("an expression is refused in Go's words", "[text]") {
  struct Row {
    const char* expression;
    const char* fault;  // after "error parsing regexp: "
  };
  const Row rows[] = {
      {"[", "missing closing ]: `[`"},
      {"(a", "missing closing ): `(a`"},
      {"a)", "unexpected ): `a)`"},
      {"*", "missing argument to repetition operator: `*`"},
      {"a**", "invalid nested repetition operator: `**`"},
      {"[z-a]", "invalid character class range: `z-a`"},
      {"\\", "trailing backslash at end of expression: ``"},
      {"\\C", "invalid escape sequence: `\\C`"},
      {"\\8", "invalid escape sequence: `\\8`"},
      {"x{1001}", "invalid repeat count: `{1001}`"},
      {"(?=x)", "invalid or unsupported Perl syntax: `(?=`"},
      {"(?<", "invalid or unsupported Perl syntax: `(?<`"},
      {"(?<=x)", "invalid named capture: `(?<=x)`"},
      {"(?P<n", "invalid named capture: `(?P<n`"},
      {"\\p{Foo}", "invalid character class range: `\\p{Foo}`"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK(std::string(Regexp::Compile(row.expression).status().message()) ==
          std::string("error parsing regexp: ") + row.fault);
  }
}

TEST_CASE("an expression matches any part of a text", "[text]") {
  struct Row {
    const char* expression;
    const char* text;
    bool matches;
  };
  const Row rows[] = {
      {"b", "abc", true},           {"^b", "abc", false},
      {"(?<n>b)c", "abc", true},    {"[(?<]x", "<x", true},
      {"\\Q(?<a\\E", "(?<a", true}, {"^\\pL+$", "日本", true},
      {"^.$", "é", true},           {"", "", true},
      {"a$", "a\n", false},         {"[]a]", "]", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression, row.text);
    const Regexp regexp = Regexp::Compile(row.expression).value();
    CHECK(regexp.MatchesIn(row.text) == row.matches);
    CHECK(regexp.text() == row.expression);
  }
}

TEST_CASE("a match is found with its groups, by number and name", "[text]") {
  const Regexp regexp = Regexp::Compile("(?P<first>a)|(?<second>b+)").value();
  CHECK(regexp.group_count() == 2);
  CHECK(regexp.GroupNamed("second") == 2);
  CHECK(regexp.GroupNamed("third") == std::nullopt);

  absl::string_view groups[3];
  REQUIRE(regexp.Find("xabb", 0, groups));
  CHECK(groups[0] == "a");
  CHECK(groups[1] == "a");
  CHECK(groups[2].data() == nullptr);
  REQUIRE(regexp.Find("xabb", 2, groups));
  CHECK(groups[0] == "bb");
  CHECK(groups[1].data() == nullptr);
  CHECK(groups[2] == "bb");
  CHECK_FALSE(regexp.Find("xabb", 4, groups));
}

TEST_CASE("a template is filled in from a match as Go does it", "[text]") {
  const Regexp regexp = Regexp::Compile("(?P<year>[0-9]+)-([a-z]*)(x)?").value();
  absl::string_view groups[4];
  REQUIRE(regexp.Find("on 2024-may", 0, groups));
  struct Row {
    const char* replacement;
    const char* expected;
  };
  const Row rows[] = {{"$1", "2024"},
                      {"${1}x", "2024x"},
                      {"$1x", ""},
                      {"$year.", "2024."},
                      {"${year}$2", "2024may"},
                      {"$$1", "$1"},
                      {"$0", "2024-may"},
                      {"$3|$9", "|"},
                      {"$01", ""},
                      {"${1", "${1"},
                      {"$", "$"},
                      {"a $ b", "a $ b"}};
  for (const Row& row : rows) {
    CAPTURE(row.replacement);
    std::string out;
    regexp.Expand(row.replacement, groups, out);
    CHECK(out == row.expected);
  }
}

TEST_CASE("an expression may take so much memory", "[text]") {
  constexpr char kLarge[] = "[^x]{1000}";
  CHECK(Regexp::Compile("a{10}", 1 << 14).ok());
  CHECK(std::string(Regexp::Compile(kLarge, 1 << 14).status().message()) ==
        "error parsing regexp: expression too large: `[^x]{1000}`");
}

}  // namespace
}  // namespace sluice::text
