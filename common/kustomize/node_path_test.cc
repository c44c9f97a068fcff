// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/node_path.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_join.h"
#include "common/kustomize/node_read.h"
#include "common/testing/status_matchers.h"

namespace sluice::kustomize {
namespace {

using ::sluice::testing::StatusIs;

constexpr char kDocument[] = "{a: {b: [{name: x, v: 1}, {name: y, v: 2}]}, j: '{\"k\": 3}'}";

TEST_CASE("paths are split with their escapes", "[kustomize]") {
  struct Row {
    const char* path;
    const char* want;
  };
  const Row rows[] = {
      {"a.b.c", "a|b|c"},
      {"a.[name=x.y].c", "a|[name=x.y]|c"},
      {"a.[b.c/d].e", "a|b.c/d|e"},
      {"a.b\\.c", "a|b.c"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK(absl::StrJoin(SplitFieldPath(row.path), "|") == row.want);
  }
  const Row slashes[] = {
      {"/a\\/b/c", "a/b|c"},    {"a//b/", "a||b|"}, {"", ""}, {"/", ""},
      {"a\\/\\/b\\", "a//b\\"}, {"\\/", "/"},
  };
  for (const Row& row : slashes) {
    CAPTURE(row.path);
    CHECK(absl::StrJoin(SplitPath(row.path, '/'), "|") == row.want);
  }
}

TEST_CASE("every node that fits a path is found", "[kustomize]") {
  struct Row {
    const char* path;
    const char* want;
  };
  const Row rows[] = {
      {"a.b.0.v", "1"},       {"a.b.[name=y].v", "2"}, {"a.b.*.v", "1,2"},
      {"a.b.[name=z].v", ""}, {"a.none", ""},          {"j.k", "3"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    NodeArena arena;
    Node* document = ReadNode(arena, kDocument).value();
    const auto found = Match(arena, document, SplitFieldPath(row.path), Node::Kind::kNone);
    REQUIRE(found.ok());
    CHECK(absl::StrJoin(*found, ",", [](std::string* out, const Node* node) {
            absl::StrAppend(out, std::string(node->text));
          }) == row.want);
  }
}

TEST_CASE("a path is made where it is missing and refused where it does not fit", "[kustomize]") {
  NodeArena arena;
  Node* document = ReadNode(arena, kDocument).value();
  const Path missing = {"n", "m"};
  CHECK(Lookup(document, missing).value() == nullptr);
  REQUIRE(LookupCreate(arena, document, missing, Node::Kind::kScalar).ok());
  CHECK(Lookup(document, missing).value() != nullptr);
  CHECK_THAT(Lookup(document, Path{"j", "k"}).status(),
             StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace sluice::kustomize
