// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/strip.h"
#include "common/fs/memory_tree.h"
#include "common/gitignore/rules.h"
#include "common/testing/status_matchers.h"

namespace sluice::gitignore {
namespace {

using ::sluice::testing::StatusIs;
using Paths = std::vector<std::string>;

// A trailing slash makes a path of these tests a directory.
bool Ignores(const Rules& rules, absl::string_view path) {
  const bool is_directory = absl::ConsumeSuffix(&path, "/");
  return rules.Ignores(path, is_directory);
}

TEST_CASE("a pattern ignores exactly what it describes", "[gitignore]") {
  struct Row {
    std::string pattern;
    Paths ignored;
    Paths kept;
  };
  const Row rows[] = {
      // Without a slash: any element.
      {"value", {"value", "value/tail", "head/value", "head/value/tail"}, {"val", "head/values"}},
      {"v*o", {"vulkano/tail", "a/vo"}, {"value", "vul/kan/o"}},
      {"v[ou]l[kc]ano", {"a/volcano", "vulkano"}, {"vilcano"}},
      {"v[ou]l[", {}, {"vol[", "vol"}},
      {"**.txt", {"a.txt", "d/a.txt"}, {"a.md"}},
      {"**", {"a", "a/b"}, {}},
      // A trailing slash: a directory, and what is in it.
      {"value/", {"value/", "value/tail", "head/value/", "head/value/tail"}, {"value", "a/value"}},
      {".git/", {".git/", ".git/config", "sub/.git/HEAD"}, {".git", ".gitignore"}},
      // The first element that matches decides.
      {"a*/", {"ab/ac"}, {"ab"}},
      // With a slash: from the scope on, as a prefix.
      {"/value", {"value", "value/tail"}, {"head/value"}},
      {"value/vul?ano", {"value/vulkano", "value/vulkano/x"}, {"value", "head/value/vulkano"}},
      {"a/b/", {"a/b/", "a/b/c"}, {"a/b", "a/"}},
      {"a//b", {"a/b"}, {"b"}},
      {"//a", {"a"}, {"b/a"}},
      {"/", {}, {"a", "a/b"}},
      {"//", {}, {"a"}},
      // "**" between slashes.
      {"**/.sops.yaml", {".sops.yaml", "a/b/.sops.yaml"}, {"sops.yaml"}},
      {"**/a/b", {"a/b", "x/a/b", "x/y/a/b/c"}, {"a/a/b", "a/x/b"}},  // no second try
      {"/*lue/**/vol?ano", {"value/volcano", "value/x/y/volcano"}, {"volcano", "x/value/volcano"}},
      {"/*lue/**/vol?ano/", {"value/x/volcano/", "value/x/volcano/t"}, {"value/x/volcano"}},
      {"**/android/**/G.java", {"x/android/y/G.java"}, {"x/android/y/H.java", "G.java"}},
      {"dir/**", {"dir", "dir/", "dir/x/y"}, {"x/dir/y"}},
      {"dir/**/", {"dir/", "dir/x"}, {"dir"}},
      {"/**", {}, {"a", "a/b"}},
      {"**/**", {}, {"a", "a/b"}},
      {"**//a", {"a"}, {"x/a"}},  // the empty element ends the skipping
      {"x/**foo", {}, {"x/foo", "x/a/foo"}},
      {"**foo/x", {}, {"foo/x"}},
      {"**/x[", {}, {"x[", "a/x["}},
      // Spaces, escapes, comments.
      {"a b", {"a b"}, {"a", "b"}},
      {" a", {" a"}, {"a"}},
      {"a  ", {"a"}, {"a  "}},
      {"a\\ ", {"a "}, {"a", "a\\ "}},
      {"a/  ", {"a/", "a/b"}, {"a"}},
      {"\\#a", {"#a"}, {"a"}},
      {"\\!a", {"!a"}, {"a"}},
      {"#a", {}, {"#a", "a"}},
      {"a\r", {"a"}, {"a\r"}},
      {"a\r\n\r\nb\r", {"a", "b"}, {"\r"}},
      {"\n  \n\t\n\xc2\xa0\n", {}, {" ", "\t", "a"}},
      {"a\\", {}, {"a", "a\\"}},
      {"\xff", {"\xff"}, {"a"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    Rules rules;
    REQUIRE(rules.Add(row.pattern).ok());
    for (const std::string& path : row.ignored) {
      CAPTURE(path);
      CHECK(Ignores(rules, path));
    }
    for (const std::string& path : row.kept) {
      CAPTURE(path);
      CHECK_FALSE(Ignores(rules, path));
    }
    CHECK_FALSE(rules.Ignores("", true));
  }
}

TEST_CASE("the last pattern that matches wins", "[gitignore]") {
  Rules rules;
  REQUIRE(rules.Add("/*\n!/deploy\n/deploy/secret*\n!/deploy/secret.enc.yaml\n!.git/").ok());
  CHECK(Ignores(rules, "README.md"));
  CHECK_FALSE(Ignores(rules, "deploy/"));
  CHECK_FALSE(Ignores(rules, "deploy/app.yaml"));
  CHECK(Ignores(rules, "deploy/secret.yaml"));
  CHECK_FALSE(Ignores(rules, "deploy/secret.enc.yaml"));
  CHECK_FALSE(Ignores(rules, ".git/config"));  // even that can be taken back

  Rules parent;
  REQUIRE(parent.Add("dir/\n!dir/file").ok());
  CHECK(Ignores(parent, "dir/"));
  CHECK_FALSE(Ignores(parent, "dir/file"));  // in real Git it would stay ignored
}

TEST_CASE("a pattern is about its scope only", "[gitignore]") {
  Rules rules;
  REQUIRE(rules.Add("*.txt\n/top\nmiddle/tail/", "a/b").ok());
  CHECK(Ignores(rules, "a/b/x.txt"));
  CHECK(Ignores(rules, "a/b/c/x.txt"));
  CHECK(Ignores(rules, "a/b/top"));
  CHECK(Ignores(rules, "a/b/middle/tail/x"));
  for (const char* path : {"x.txt", "a/x.txt", "a/b", "a/b/", "a/bc/x.txt", "b/x.txt", "a/b/c/top",
                           "top", "a/b/middle/tail"}) {
    CAPTURE(path);
    CHECK_FALSE(Ignores(rules, path));
  }
  CHECK_THAT(rules.Add("x", "../a"), StatusIs(absl::StatusCode::kInvalidArgument));
  CHECK_THAT(rules.Add("x", "/a"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_CASE("ignore files are read from the whole tree, each for its directory", "[gitignore]") {
  fs::MemoryTree tree = fs::MemoryTree::FromFiles({
                                                      {".sourceignore", "*.txt\n"},
                                                      {"-first/.sourceignore", "!x.txt\n"},
                                                      {"d/.gitignore", "ignored\n"},
                                                      {"d/e/.sourceignore", "/only-here\n"},
                                                      {"d/.git/.sourceignore", "never\n"},
                                                      {"d/shared", "linked\n"},
                                                  })
                            .value();
  REQUIRE(tree.AddSymlink("z/.sourceignore", "../d/shared").ok());
  REQUIRE(tree.AddSymlink("y/.sourceignore", "nowhere").ok());
  REQUIRE(tree.AddDirectory("dir/.sourceignore").ok());
  const Rules rules = ReadIgnoreFiles(tree).value();
  CHECK(rules.size() == 4);
  CHECK(Ignores(rules, "x.txt"));
  CHECK_FALSE(Ignores(rules, "-first/x.txt"));  // the root's file comes first, though "-" < "."
  CHECK(Ignores(rules, "d/e/only-here"));
  CHECK_FALSE(Ignores(rules, "d/only-here"));
  CHECK_FALSE(Ignores(rules, "d/ignored"));
  CHECK_FALSE(Ignores(rules, "d/.git/never"));
  CHECK(Ignores(rules, "z/linked"));
  CHECK_FALSE(Ignores(rules, "d/linked"));
}

TEST_CASE("a link that leads out or in circles is an error", "[gitignore]") {
  fs::MemoryTree out;
  REQUIRE(out.AddSymlink("a/.sourceignore", "../../secret").ok());
  CHECK_THAT(ReadIgnoreFiles(out).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "link a/.sourceignore: invalid path"));
  fs::MemoryTree circle;
  REQUIRE(circle.AddSymlink(".sourceignore", "b").ok());
  REQUIRE(circle.AddSymlink("b", ".sourceignore").ok());
  CHECK_THAT(ReadIgnoreFiles(circle).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "too many links"));
}

TEST_CASE("any custom pattern switches the default groups off", "[gitignore]") {
  const fs::MemoryTree plain = fs::MemoryTree::FromFiles({{"a.yaml", ""}}).value();
  const Paths version_control = {".git/", ".git/config", ".gitignore", "sub/.gitmodules",
                                 ".gitattributes"};
  const Paths defaults = {"a.jpg",
                          "d/a.jpeg",
                          "a.gif",
                          "a.png",
                          "a.wmv",
                          "a.flv",
                          "a.tar.gz",
                          "a.zip",
                          ".github/workflows/x.yaml",
                          ".circleci/",
                          ".travis.yml",
                          ".gitlab-ci.yml",
                          "appveyor.yml",
                          ".drone.yml",
                          "cloudbuild.yaml",
                          "codeship-services.yml",
                          "codeship-steps.yml",
                          "d/.goreleaser.yml",
                          ".sops.yaml",
                          "x/y/.flux.yaml"};
  for (const char* none : {"", "\n", "# nothing\n\n  \n"}) {
    CAPTURE(none);
    const Rules rules = ArtifactRules(plain, none).value();
    for (const Paths& paths : {version_control, defaults}) {
      for (const std::string& path : paths) {
        CAPTURE(path);
        CHECK(Ignores(rules, path));
      }
    }
    CHECK_FALSE(Ignores(rules, "a.yaml"));
    CHECK_FALSE(Ignores(rules, ".sourceignore"));
  }

  const Rules custom = ArtifactRules(plain, "*.yaml").value();
  CHECK(Ignores(custom, "a.yaml"));
  for (const std::string& path : version_control) CHECK(Ignores(custom, path));
  for (const std::string& path : defaults) {
    CAPTURE(path);
    CHECK(Ignores(custom, path) == absl::EndsWith(path, ".yaml"));
  }

  // spec.ignore comes after the files and so overrules them.
  const fs::MemoryTree with_file =
      fs::MemoryTree::FromFiles({{"d/.sourceignore", "*.md\n"}}).value();
  CHECK_FALSE(Ignores(ArtifactRules(with_file, "").value(), "a.png"));
  CHECK(Ignores(ArtifactRules(with_file, "").value(), "d/a.md"));
  CHECK_FALSE(Ignores(ArtifactRules(with_file, "!d/a.md").value(), "d/a.md"));
  CHECK_FALSE(Ignores(ArtifactRules(with_file, "!.git/").value(), ".git/config"));
}

TEST_CASE("ignore patterns are bounded", "[gitignore]") {
  Rules rules;
  std::string most;
  for (size_t i = 0; i < kMaxPatterns; ++i) most += "a\n";
  CHECK(rules.Add(most).ok());
  CHECK(rules.size() == kMaxPatterns);
  CHECK_THAT(rules.Add("b"), StatusIs(absl::StatusCode::kResourceExhausted, "more than 10000"));
  Rules one;
  REQUIRE(one.Add("b").ok());
  CHECK_THAT(rules.Add(one), StatusIs(absl::StatusCode::kResourceExhausted, "more than 10000"));
  CHECK(rules.size() == kMaxPatterns);

  Rules large;
  CHECK(large.Add(std::string(kMaxIgnoreFileBytes, '\n')).ok());
  CHECK_THAT(large.Add(std::string(kMaxIgnoreFileBytes + 1, '\n')),
             StatusIs(absl::StatusCode::kResourceExhausted, "larger than 1048576 bytes"));
  const fs::MemoryTree tree =
      fs::MemoryTree::FromFiles({{"d/.sourceignore", std::string(kMaxIgnoreFileBytes + 1, '\n')}})
          .value();
  CHECK_THAT(ReadIgnoreFiles(tree).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "d/.sourceignore"));

  // A line that is too long ends the reading.
  Rules lines;
  REQUIRE(lines.Add("a\n" + std::string(kMaxLineBytes, 'x') + "\nb").ok());
  CHECK(lines.size() == 3);
  Rules cut;
  REQUIRE(cut.Add("a\n" + std::string(kMaxLineBytes + 1, 'x') + "\nb").ok());
  CHECK(cut.size() == 1);
}

}  // namespace
}  // namespace sluice::gitignore
