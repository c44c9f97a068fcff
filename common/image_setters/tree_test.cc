// SPDX-License-Identifier: Apache-2.0
#include "common/image_setters/tree.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/fs/memory_tree.h"
#include "common/testing/status_matchers.h"

namespace sluice::image_setters {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

constexpr char kOld[] = "tag: 1 # {\"$imagepolicy\": \"ns:app:tag\"}\n";
constexpr char kNew[] = "tag: v2 # {\"$imagepolicy\": \"ns:app:tag\"}\n";

Setters TestSetters() {
  Setters setters;
  AddPolicy("ns", "app", {"reg.example/app", "v2", ""}, setters);
  return setters;
}

fs::MemoryTree TestTree() {
  fs::MemoryTree tree =
      fs::MemoryTree::FromFiles({{"root.yaml", kOld},
                                 {"apps/a.yaml", kOld},
                                 {"apps/b.yml", kOld},
                                 {"apps/deep/er/Kustomization", kOld},
                                 {"apps/c.YAML", kOld},
                                 {"apps/c.yaml.bak", kOld},
                                 {"apps/.hidden/d.yaml", kOld},
                                 {"apps/.git/e.yaml", kOld},
                                 {"apps/plain.yaml", "tag: 1\n"},
                                 {"apps/current.yaml", kNew},
                                 {"apps/broken.yaml", "a: [ # \"$imagepolicy\"\n"},
                                 {"other/f.txt", kOld}})
          .value();
  REQUIRE(tree.AddSymlink("apps/link.yaml", "../other/f.txt").ok());
  REQUIRE(tree.AddSymlink("apps/dangling.yaml", "nowhere").ok());
  REQUIRE(tree.AddSymlink("apps/outside.yaml", "../../../etc/passwd").ok());
  REQUIRE(tree.AddSymlink("apps/folder.yaml", "deep").ok());
  REQUIRE(tree.AddSymlink("apps/loop.yaml", "loop.yaml").ok());
  return tree;
}

std::vector<std::string> Keys(const auto& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

TEST_CASE("files are chosen by name, and their paths told from the update path",
          "[image_setters]") {
  const fs::MemoryTree tree = TestTree();
  const auto edited = ApplySettersTo(tree, "./apps", TestSetters());
  REQUIRE_THAT(edited.status(), IsOk());
  CHECK(Keys(edited->files) == std::vector<std::string>{"apps/.hidden/d.yaml", "apps/a.yaml",
                                                        "apps/b.yml", "apps/deep/er/Kustomization",
                                                        "other/f.txt"});
  for (const auto& [path, content] : edited->files) CHECK(content == kNew);
  CHECK(Keys(edited->changes) == std::vector<std::string>{".hidden/d.yaml", "a.yaml", "b.yml",
                                                          "deep/er/Kustomization", "link.yaml"});
  REQUIRE(edited->skipped.size() == 1);
  CHECK(edited->skipped[0].path == "broken.yaml");
}

TEST_CASE("the update path may be a file, and stays inside the tree", "[image_setters]") {
  const fs::MemoryTree tree = TestTree();
  struct Row {
    const char* path;
    std::vector<std::string> files;
    std::vector<std::string> changes;
  };
  const Row rows[] = {
      {"apps/a.yaml", {"apps/a.yaml"}, {"a.yaml"}},
      {"other/f.txt", {"other/f.txt"}, {"f.txt"}},
      {"apps/link.yaml", {"other/f.txt"}, {"link.yaml"}},
      {"../../apps/a.yaml", {"apps/a.yaml"}, {"a.yaml"}},
      {"apps/current.yaml", {}, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const auto edited = ApplySettersTo(tree, row.path, TestSetters());
    REQUIRE_THAT(edited.status(), IsOk());
    CHECK(Keys(edited->files) == row.files);
    CHECK(Keys(edited->changes) == row.changes);
  }
  for (const char* path : {"nope", "apps/nope.yaml", "apps/outside.yaml"}) {
    CAPTURE(path);
    CHECK_THAT(ApplySettersTo(tree, path, TestSetters()).status(),
               StatusIs(absl::StatusCode::kNotFound, "no such file or directory"));
  }
  CHECK(ApplySettersTo(tree, "", TestSetters())->files.size() == 6);
}

}  // namespace
}  // namespace sluice::image_setters
