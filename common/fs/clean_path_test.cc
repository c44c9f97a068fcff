// SPDX-License-Identifier: Apache-2.0
#include "common/fs/clean_path.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/testing/status_matchers.h"

namespace sluice::fs {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("cleaning resolves a path and refuses what leaves the root", "[fs]") {
  struct Row {
    std::string path;
    const char* cleaned;  // nullptr: refused
    const char* reason = "";
  };
  const Row rows[] = {
      {"", ""},
      {".", ""},
      {"./", ""},
      {"a", "a"},
      {"a/", "a"},
      {"./a//b/./c", "a/b/c"},
      {"a/../b", "b"},
      {"a/..", ""},
      {"a/b/../../c", "c"},
      {"...", "..."},
      {"..a/b..", "..a/b.."},
      {"a b/ä", "a b/ä"},
      {"a\\..\\b", "a\\..\\b"},  // one element: a backslash separates nothing
      {"..", nullptr, "leads outside the root"},
      {"../a", nullptr, "leads outside the root"},
      {"a/../../a", nullptr, "leads outside the root"},
      {"/", nullptr, "must be relative"},
      {"/etc/passwd", nullptr, "must be relative"},
      {"//a", nullptr, "must be relative"},
      {std::string("a\0b", 3), nullptr, "contains a NUL byte"},
      {std::string(kMaxPathBytes + 1, 'a'), nullptr, "too long"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const absl::StatusOr<std::string> cleaned = CleanPath(row.path);
    if (row.cleaned == nullptr) {
      CHECK_THAT(cleaned.status(), StatusIs(absl::StatusCode::kInvalidArgument, row.reason));
    } else {
      REQUIRE(cleaned.ok());
      CHECK(*cleaned == row.cleaned);
      CHECK(IsCleanPath(*cleaned));
      CHECK(IsCleanPath(row.path) == (row.path == *cleaned));
    }
  }
  CHECK(CleanPath(std::string(kMaxPathBytes, 'a')).ok());
}

TEST_CASE("a clean path has no way up, no absolute start and no empty element", "[fs]") {
  for (const char* path : {"/", "/a", "a/", "a//b", ".", "..", "a/..", "a/./b", "../a"}) {
    CAPTURE(path);
    CHECK_FALSE(IsCleanPath(path));
    CHECK_THAT(CheckCleanPath(path),
               StatusIs(absl::StatusCode::kInvalidArgument, "must be relative"));
  }
  CHECK_THAT(CheckCleanPath(absl::string_view("a\0", 2)),
             StatusIs(absl::StatusCode::kInvalidArgument, "\"a\\000\": contains a NUL byte"));
  CHECK(IsCleanPath(std::string(kMaxPathBytes, 'a')));
  CHECK_FALSE(IsCleanPath(std::string(kMaxPathBytes + 1, 'a')));
}

TEST_CASE("joining is relative to a directory and stays below the root", "[fs]") {
  struct Row {
    const char* base;
    const char* path;
    const char* joined;  // nullptr: refused
  };
  const Row rows[] = {
      {"", "a", "a"},
      {"a/b", "c", "a/b/c"},
      {"a/b", "../c", "a/c"},
      {"a/b", "../..", ""},
      {"a/b", ".", "a/b"},
      {"a/b", "", "a/b"},
      {"a/b", "../../..", nullptr},
      {"a/b", "../../../a/b", nullptr},
      {"a/b", "/c", nullptr},
  };
  for (const Row& row : rows) {
    CAPTURE(row.base, row.path);
    const absl::StatusOr<std::string> joined = JoinPath(row.base, row.path);
    CHECK(joined.ok() == (row.joined != nullptr));
    if (joined.ok()) CHECK(*joined == row.joined);
  }
  const std::string half(kMaxPathBytes / 2, 'a');
  CHECK(JoinPath(half, half).ok());
  CHECK_FALSE(JoinPath(half, half + "aa").ok());
}

TEST_CASE("a secure join never leaves its base", "[fs]") {
  struct Row {
    const char* base;
    std::string path;
    const char* joined;
  };
  const Row rows[] = {
      {"", "", ""},
      {"", "./deploy/", "deploy"},
      {"", "../../etc", "etc"},
      {"a", "../../etc", "a/etc"},
      {"a", "/etc/passwd", "a/etc/passwd"},
      {"a", "/../../etc", "a/etc"},
      {"a/b", "..", "a/b"},
      {"a/b", "../b2/c", "a/b/b2/c"},
      {"a/b", "x/../../y", "a/b/y"},
      {"a", "..\\..\\etc", "a/..\\..\\etc"},
      {"a", "", "a"},
      {"a", "////", "a"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.base, row.path);
    CHECK(SecureJoin(row.base, row.path).value() == row.joined);
  }
  CHECK_FALSE(SecureJoin("a", std::string("b\0c", 3)).ok());
  CHECK_FALSE(SecureJoin("a", std::string(kMaxPathBytes + 1, 'b')).ok());
  CHECK_FALSE(SecureJoin("a", std::string(kMaxPathBytes, 'b')).ok());
}

TEST_CASE("a path splits into its parent and its last element", "[fs]") {
  CHECK(BaseName("a/b/c") == "c");
  CHECK(ParentPath("a/b/c") == "a/b");
  CHECK(BaseName("a") == "a");
  CHECK(ParentPath("a") == "");
  CHECK(BaseName("") == "");
  CHECK(ParentPath("") == "");
}

}  // namespace
}  // namespace sluice::fs
