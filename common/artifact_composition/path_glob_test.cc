// SPDX-License-Identifier: Apache-2.0
#include "common/artifact_composition/path_glob.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/fs/memory_tree.h"
#include "common/testing/status_matchers.h"

namespace sluice::artifact_composition {
namespace {

using ::sluice::testing::StatusIs;

fs::MemoryTree Tree() {
  return fs::MemoryTree::FromFiles({{"a.yaml", "1"},
                                    {".hidden", "2"},
                                    {"b/c.yaml", "3"},
                                    {"b/d/e.tgz", "4"},
                                    {"b/d/f/g.tgz", "5"},
                                    {"b/z.tgz", "6"},
                                    {"x[1].txt", "7"}})
      .value();
}

TEST_CASE("a pattern of Go selects within one element", "[artifact_generator]") {
  struct Row {
    const char* pattern;
    std::vector<std::string> selected;
  };
  const Row rows[] = {{"*", {".hidden", "a.yaml", "b", "x[1].txt"}},
                      {"**", {".hidden", "a.yaml", "b", "x[1].txt"}},
                      {"*.yaml", {"a.yaml"}},
                      {"./*.yaml", {"a.yaml"}},
                      {"*/*.yaml", {"b/c.yaml"}},
                      {"b/**", {"b/c.yaml", "b/d", "b/z.tgz"}},
                      {"**/*.tgz", {"b/z.tgz"}},
                      {"b/[cd]*", {"b/c.yaml", "b/d"}},
                      {"b/?.tgz", {"b/z.tgz"}},
                      {"x\\[1].txt", {"x[1].txt"}},
                      {"*/", {}},
                      {"b//*", {}},
                      {"../*", {}},
                      {"/*", {}},
                      {"nothing/*", {}}};
  const fs::MemoryTree tree = Tree();
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    CHECK(Expand(tree, row.pattern).value() == row.selected);
  }
  for (const char* malformed : {"[", "b/[", "*\\", "[]a]"}) {
    CAPTURE(malformed);
    CHECK_THAT(Expand(tree, malformed).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "syntax error in pattern"));
  }
}

TEST_CASE("a pattern of doublestar matches whole paths", "[artifact_generator]") {
  struct Row {
    const char* pattern;
    const char* path;
    bool matches;
  };
  const Row rows[] = {{"*.md", "README.md", true},
                      {"*.md", "docs/README.md", false},
                      {"**", "a/b/c", true},
                      {"**/testdata/**", "testdata", true},
                      {"**/testdata/**", "a/testdata", true},
                      {"**/testdata/**", "a/b/testdata/c/d", true},
                      {"**/testdata/**", "a/testdata2/c", false},
                      {"a/**", "a", true},
                      {"a/**", "ab", false},
                      {"a/**/b", "a/b", true},
                      {"a/**/b", "a/x/y/b", true},
                      {"a/**/**/b", "a/b", true},
                      {"a**/b", "axy/b", true},
                      {"a**/b", "a/x/b", false},
                      {"**/.*", "x/.git", true},
                      {"**/.*", "x/git", false},
                      {"{a,b}/*.yaml", "b/x.yaml", true},
                      {"{a,b}/*.yaml", "c/x.yaml", false},
                      {"{a,b/{c,d}}/e", "b/d/e", true},
                      {"{a,b/{c,d}}/e", "b/e", false},
                      {"x{,.bak}", "x", true},
                      {"x{,.bak}", "x.bak", true},
                      {"[!a]b", "cb", true},
                      {"[!a]b", "ab", false},
                      {"\\*", "*", true},
                      {"\\{a\\}", "{a}", true},
                      {"a/b", "a/b/c", false},
                      {"a/[/]b", "a/b", false},
                      {"[!/]", "[!/]", false}};
  for (const Row& row : rows) {
    CAPTURE(row.pattern, row.path);
    CHECK(DoubleStar::Parse(row.pattern).value().Matches(row.path) == row.matches);
  }
}

TEST_CASE("what doublestar selects comes directory by directory", "[artifact_generator]") {
  struct Row {
    const char* pattern;
    std::vector<std::string> selected;
  };
  const Row rows[] = {{"**/*.tgz", {"b/z.tgz", "b/d/e.tgz", "b/d/f/g.tgz"}},
                      {"b/**/*.tgz", {"b/z.tgz", "b/d/e.tgz", "b/d/f/g.tgz"}},
                      {"b/*.tgz", {"b/z.tgz"}},
                      {"{b/d,b}/*.tgz", {"b/d/e.tgz", "b/z.tgz"}},
                      {"c/**", {}}};
  const fs::MemoryTree tree = Tree();
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    CHECK(DoubleStar::Parse(row.pattern).value().Expand(tree).value() == row.selected);
  }
}

TEST_CASE("a pattern of doublestar that is malformed or too large is refused",
          "[artifact_generator]") {
  for (const char* pattern : {"[*.md", "{a", "a}", "a\\", "[]", "x/[^"}) {
    CAPTURE(pattern);
    CHECK_THAT(DoubleStar::Parse(pattern).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "syntax error in pattern"));
  }
  std::string many;
  for (int i = 0; i < 9; ++i) many += "{a,b}";
  CHECK_THAT(DoubleStar::Parse(many).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "more than 256 alternatives"));
  CHECK_THAT(DoubleStar::Parse(std::string(4096, 'a')).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "4095 bytes"));
}

}  // namespace
}  // namespace sluice::artifact_composition
