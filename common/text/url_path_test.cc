// SPDX-License-Identifier: Apache-2.0
#include "common/text/url_path.h"

#include <catch2/catch.hpp>

namespace sluice::text {
namespace {

TEST_CASE("dots are resolved as RFC 3986 has it", "[text]") {
  struct Row {
    const char* path;
    const char* resolved;
  };
  const Row rows[] = {
      {"/a/b/c/./../../g", "/a/g"},  // the RFC's own example
      {"/a/b", "/a/b"},
      {"a/b", "/a/b"},
      {"", "/"},
      {"/", "/"},
      {"/.", "/"},
      {"/..", "/"},
      {"/../../x", "/x"},
      {"/a/.", "/a/"},
      {"/a/b/..", "/a/"},
      {"/a/..", "/"},
      {"/a/../", "/"},
      {"/a//b/..", "/a//"},
      {"/a/.b/..c", "/a/.b/..c"},
      {"/a/...", "/a/..."},
      {"//a", "//a"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK(RemoveDotSegments(row.path) == row.resolved);
  }
}

}  // namespace
}  // namespace sluice::text
