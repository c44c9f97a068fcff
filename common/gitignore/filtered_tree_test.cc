// SPDX-License-Identifier: Apache-2.0
#include "common/gitignore/filtered_tree.h"

#include <catch2/catch.hpp>

#include "common/fs/memory_tree.h"
#include "common/testing/status_matchers.h"

namespace sluice::gitignore {
namespace {

using ::sluice::testing::IsOk;

TEST_CASE("what rules leave out is not in a filtered tree", "[unit]") {
  fs::MemoryTree tree;
  for (const char* path : {"app/a.yaml", "app/b.txt", "app/docs/c.yaml", "docs/d.yaml"}) {
    REQUIRE_THAT(tree.AddFile(path, "text"), IsOk());
  }
  Rules rules;
  REQUIRE_THAT(rules.Add("*.txt\ndocs/\n", "app"), IsOk());
  const FilteredTree filtered(tree, rules);
  CHECK(filtered.List("app").value().size() == 1);
  CHECK(filtered.List("").value().size() == 2);
  CHECK(filtered.Read("app/a.yaml").value() == "text");
  CHECK(filtered.Read("docs/d.yaml").value() == "text");
  for (const char* path : {"app/b.txt", "app/docs/c.yaml", "app/none"}) {
    CHECK(absl::IsNotFound(filtered.Read(path).status()));
    CHECK(absl::IsNotFound(filtered.Stat(path).status()));
  }
  CHECK(absl::IsNotFound(filtered.List("app/docs").status()));
}

}  // namespace
}  // namespace sluice::gitignore
