// SPDX-License-Identifier: Apache-2.0
#include "common/helm/file_glob.h"

#include <catch2/catch.hpp>
#include <string>

namespace sluice::helm {
namespace {

TEST_CASE("patterns match whole paths", "[helm]") {
  struct Row {
    const char* pattern;
    const char* name;
    bool matches;
  };
  const Row rows[] = {
      {"a.txt", "a.txt", true},
      {"a.txt", "b/a.txt", false},
      {"*.txt", "a.txt", true},
      {"*.txt", "b/a.txt", false},
      {"**.txt", "b/a.txt", true},
      {"conf/*", "conf/a/b", false},
      {"conf/**", "conf/a/b", true},
      {"?.txt", "a.txt", true},
      {"?.txt", "/.txt", false},
      {"[ab].txt", "b.txt", true},
      {"[a-c].txt", "d.txt", false},
      {"[!a-c].txt", "d.txt", true},
      {"{a,b*}.txt", "bcd.txt", true},
      {"{a,b*}.txt", "c.txt", false},
      {"{a,{b,c}}", "c", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"", "", true},
      {"ä?", "äö", true},
      {"a,b", "a,b", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern, row.name);
    CHECK(FileGlob::Parse(row.pattern).value().Matches(row.name) == row.matches);
  }
}

TEST_CASE("patterns that are none are refused", "[helm]") {
  for (const char* pattern : {"[", "[]", "[b-a]", "[a", "[!", "[a-"}) {
    CAPTURE(pattern);
    CHECK_FALSE(FileGlob::Parse(pattern).ok());
  }
  CHECK_FALSE(FileGlob::Parse(std::string(100, '{')).ok());
}

TEST_CASE("a pattern that would take very long matches nothing", "[helm]") {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "**a";
  CHECK_FALSE(FileGlob::Parse(pattern + "b").value().Matches(std::string(200, 'a')));
}

}  // namespace
}  // namespace sluice::helm
