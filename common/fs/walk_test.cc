// SPDX-License-Identifier: Apache-2.0
#include "common/fs/walk.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/fs/memory_tree.h"
#include "common/testing/status_matchers.h"

namespace sluice::fs {
namespace {

using ::sluice::testing::StatusIs;
using Paths = std::vector<std::string>;

MemoryTree Sample() {
  MemoryTree tree =
      MemoryTree::FromFiles({{"a/z", ""}, {"a/b/c", ""}, {"a-b", ""}, {"a.b", ""}, {"B", ""}})
          .value();
  REQUIRE(tree.AddSymlink("a/link", "b").ok());
  REQUIRE(tree.AddDirectory("empty").ok());
  return tree;
}

TEST_CASE("a walk goes by names, parent first, each directory right before its content", "[fs]") {
  const MemoryTree tree = Sample();
  Paths seen;
  const auto collect = [&](absl::string_view path, const Entry&) -> absl::StatusOr<Visit> {
    seen.emplace_back(path);
    return Visit::kContinue;
  };
  REQUIRE(Walk(tree, "", {}, collect).ok());
  // "a-b" sorts after everything below "a", as names are compared, not whole paths.
  CHECK(seen == Paths{"", "B", "a", "a/b", "a/b/c", "a/link", "a/z", "a-b", "a.b", "empty"});
  seen.clear();
  REQUIRE(Walk(tree, "a/b", {}, collect).ok());
  CHECK(seen == Paths{"a/b", "a/b/c"});
  seen.clear();
  REQUIRE(Walk(tree, "B", {}, collect).ok());
  CHECK(seen == Paths{"B"});
}

TEST_CASE("a visitor can skip a directory, stop, or fail", "[fs]") {
  const MemoryTree tree = Sample();
  Paths seen;
  const auto walk = [&](absl::string_view at, absl::StatusOr<Visit> wish) {
    seen.clear();
    return Walk(tree, "", {}, [&](absl::string_view path, const Entry&) -> absl::StatusOr<Visit> {
      seen.emplace_back(path);
      return path == at ? wish : Visit::kContinue;
    });
  };
  CHECK(walk("a", Visit::kSkipDirectory).ok());
  CHECK(seen == Paths{"", "B", "a", "a-b", "a.b", "empty"});
  CHECK(walk("B", Visit::kSkipDirectory).ok());  // no directory: nothing is skipped
  CHECK(seen.size() == 10);
  CHECK(walk("a/b", Visit::kStop).ok());
  CHECK(seen == Paths{"", "B", "a", "a/b"});
  CHECK(walk("", Visit::kStop).ok());
  CHECK(seen == Paths{""});
  CHECK_THAT(walk("a/b/c", absl::AbortedError("enough")),
             StatusIs(absl::StatusCode::kAborted, "enough"));
  CHECK(seen.back() == "a/b/c");
}

TEST_CASE("a walk starts at something that is there", "[fs]") {
  const MemoryTree tree = Sample();
  const auto any = [](absl::string_view, const Entry&) -> absl::StatusOr<Visit> {
    return Visit::kContinue;
  };
  CHECK_THAT(Walk(tree, "nothing", {}, any), StatusIs(absl::StatusCode::kNotFound));
  CHECK_THAT(Walk(tree, "../a", {}, any), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_CASE("a walk is bounded in entries and depth", "[fs]") {
  const MemoryTree tree = Sample();
  const auto any = [](absl::string_view, const Entry&) -> absl::StatusOr<Visit> {
    return Visit::kContinue;
  };
  CHECK(Walk(tree, "", {.max_entries = 10}, any).ok());
  CHECK_THAT(Walk(tree, "", {.max_entries = 9}, any),
             StatusIs(absl::StatusCode::kResourceExhausted, "more than 9 entries"));
  CHECK(Walk(tree, "", {.max_depth = 3}, any).ok());
  CHECK_THAT(Walk(tree, "", {.max_depth = 2}, any),
             StatusIs(absl::StatusCode::kResourceExhausted,
                      "\"a/b\" is nested more than 2 directories deep"));

  MemoryTree deep;
  std::string path = "d";
  for (size_t i = 1; i < WalkLimits().max_depth; ++i) absl::StrAppend(&path, "/d");
  REQUIRE(deep.AddDirectory(path).ok());
  CHECK(Walk(deep, "", {}, any).ok());
  REQUIRE(deep.AddDirectory(path + "/d").ok());
  CHECK_THAT(Walk(deep, "", {}, any), StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace sluice::fs
