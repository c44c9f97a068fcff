// SPDX-License-Identifier: Apache-2.0
#include "common/fs/glob.h"

#include <catch2/catch.hpp>
#include <string>

namespace sluice::fs {
namespace {

TEST_CASE("a pattern matches all of a name or nothing", "[fs]") {
  struct Row {
    const char* pattern;
    const char* name;
    bool matches;
  };
  const Row rows[] = {
      {"", "", true},
      {"", "a", false},
      {"abc", "abc", true},
      {"abc", "abcd", false},
      {"abc", "ab", false},
      {"*", "", true},
      {"*", "abc", true},
      {"*", "a/b", false},
      {"*/*", "a/b", true},
      {"*/b", "a/b", true},
      {"*/b", "a/c/b", false},
      {"**", "abc", true},  // no more than one star
      {"**", "a/b", false},
      {"*.tar.gz", "x.tar.gz", true},
      {"*.tar.gz", "x.tar.gz.sig", false},
      {"a*b*c", "aXbYc", true},
      {"a*b*c", "abcbc", true},
      {"a*b*c", "acb", false},
      {"a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
      {"?", "é", true},
      {"?", "", false},
      {"?", "/", false},
      {"a?c", "abc", true},
      {"*?", "日", true},
      {"??", "日", false},
      {"*?*?", "日", false},  // a star steps by bytes, but the first ? took all three
      {"?", "\xff", true},
      {"[ab]", "b", true},
      {"[ab]", "c", false},
      {"[^ab]", "c", true},
      {"[^ab]", "a", false},
      {"[!a]", "a", true},  // "!" negates in shells, not here
      {"[a-c]x", "bx", true},
      {"[c-a]", "b", false},
      {"[а-я]", "ж", true},
      {"[^a]", "/", true},
      {"[\\]]", "]", true},
      {"[\\-x]", "-", true},
      {"[x\\-]", "-", true},
      {"[a\\-z]", "m", false},
      {"[*]", "*", true},
      {"[*]", "a", false},
      {"[[]", "[", true},
      {"a]", "a]", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"\\a", "a", true},
      {"a\\*b*", "a*bc", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern, row.name);
    const Glob glob(row.pattern);
    CHECK_FALSE(glob.malformed());
    CHECK(glob.Matches(row.name) == row.matches);
  }
}

TEST_CASE("a slash can be made an ordinary byte", "[fs]") {
  CHECK(Glob("*", Glob::Slash::kOrdinary).Matches("a/b/c"));
  CHECK(Glob("a*c", Glob::Slash::kOrdinary).Matches("a/b/c"));
  CHECK(Glob("a?b", Glob::Slash::kOrdinary).Matches("a/b"));
  CHECK_FALSE(Glob("a?b").Matches("a/b"));
}

TEST_CASE("a malformed pattern matches nothing", "[fs]") {
  for (const char* pattern : {"[", "[]", "[]a]", "[^]", "[^]a]", "[a", "[a-", "[a-]", "[-a]", "a[",
                              "[a-\\", "\\", "a\\", "*[", "[\xff]", "[a-b-c]"}) {
    CAPTURE(pattern);
    const Glob glob(pattern);
    CHECK(glob.malformed());
    for (const char* name : {"", "a", "[", "b", pattern}) CHECK_FALSE(glob.Matches(name));
  }
}

TEST_CASE("the work of a match is bounded and told", "[fs]") {
  const std::string name(2000, 'a');
  size_t steps = 0;
  CHECK_FALSE(Glob("*a*a*a*a*a*b").Matches(name, &steps));
  CHECK(steps > name.size());
  CHECK(steps < 20 * name.size());
  const size_t before = steps;
  CHECK(Glob("*").Matches("", &steps));
  CHECK(steps > before);
}

}  // namespace
}  // namespace sluice::fs
