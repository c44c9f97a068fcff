// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/overlay_tree.h"

#include <catch2/catch.hpp>

#include "common/fs/memory_tree.h"
#include "common/testing/status_matchers.h"

namespace sluice::kustomize {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("the file stands over what is below, listed in order", "[kustomize]") {
  const fs::MemoryTree below =
      fs::MemoryTree::FromFiles({{"d/a", "1"}, {"d/c", "3"}, {"e", "5"}}).value();
  for (const char* path : {"d/a", "d/b", "d/d"}) {
    CAPTURE(path);
    const OverlayTree tree(below, path, "new");
    CHECK(tree.Read(path).value() == "new");
    CHECK(tree.Read("d/c").value() == "3");
    CHECK(tree.Stat(path)->size == 3);
    const auto entries = tree.List("d").value();
    CHECK(entries.size() == (std::string(path) == "d/a" ? 2 : 3));
    CHECK(std::is_sorted(entries.begin(), entries.end(),
                         [](const auto& a, const auto& b) { return a.name < b.name; }));
    CHECK(tree.List("").value().size() == 2);
    CHECK_THAT(tree.Read(path, 2).status(), StatusIs(absl::StatusCode::kResourceExhausted));
    CHECK_THAT(tree.Read("d/z").status(), StatusIs(absl::StatusCode::kNotFound));
    CHECK_FALSE(tree.ReadLink(path).ok());
  }
}

}  // namespace
}  // namespace sluice::kustomize
