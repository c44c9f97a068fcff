// SPDX-License-Identifier: Apache-2.0
#include "common/fs/overlay_tree.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/fs/memory_tree.h"
#include "common/testing/status_matchers.h"

namespace sluice::fs {
namespace {

using ::sluice::testing::StatusIs;

std::shared_ptr<const Tree> Files(const std::map<std::string, std::string>& files) {
  return std::make_shared<MemoryTree>(MemoryTree::FromFiles(files).value());
}

std::vector<std::string> Names(const Tree& tree, absl::string_view path) {
  std::vector<std::string> names;
  const std::vector<Entry> entries = tree.List(path).value();
  for (const Entry& entry : entries) names.push_back(entry.name);
  return names;
}

TEST_CASE("an overlay shows the inner tree at its place", "[fs]") {
  using List = std::vector<std::string>;
  const auto base = Files({{"a/x", "base x"}, {"c", "base c"}});
  const auto inner = Files({{"app/run", "inner run"}, {"app/deep/y", "inner y"}, {"one", "1"}});

  const auto tree = OverlayTree::Create(base, "a/new/app", inner, "app").value();
  CHECK(Names(*tree, "") == List{"a", "c"});
  CHECK(Names(*tree, "a") == List{"new", "x"});
  CHECK(Names(*tree, "a/new") == List{"app"});
  CHECK(Names(*tree, "a/new/app") == List{"deep", "run"});
  CHECK(tree->Read("a/new/app/deep/y").value() == "inner y");
  CHECK(tree->Read("a/x").value() == "base x");
  CHECK(tree->Stat("a/new")->type == EntryType::kDirectory);
  CHECK(tree->Stat("a/new/app")->name == "app");
  CHECK_THAT(tree->Stat("a/newer").status(), StatusIs(absl::StatusCode::kNotFound));

  const auto whole = OverlayTree::Create(base, "vendor", inner, "").value();
  CHECK(Names(*whole, "") == List{"a", "c", "vendor"});
  CHECK(Names(*whole, "vendor") == List{"app", "one"});
  CHECK(whole->Read("vendor/app/run").value() == "inner run");

  const auto file = OverlayTree::Create(base, "c", inner, "one").value();
  CHECK(Names(*file, "") == List{"a", "c"});
  CHECK(file->Read("c").value() == "1");
  CHECK(file->Stat("c")->name == "c");
}

TEST_CASE("an overlay does not merge with what is there", "[fs]") {
  const auto base = Files({{"a/x", "x"}, {"c", "c"}});
  const auto inner = Files({{"app/run", "run"}});
  struct Row {
    const char* at;
    const char* from;
    absl::StatusCode code;
    const char* message;
  };
  const Row rows[] = {
      {"a", "app", absl::StatusCode::kAlreadyExists, "file exists"},
      {"", "app", absl::StatusCode::kAlreadyExists, "file exists"},
      {"b", "nope", absl::StatusCode::kNotFound, "no such file or directory"},
      {"c/d", "app", absl::StatusCode::kFailedPrecondition, "not a directory"},
      {"../b", "app", absl::StatusCode::kInvalidArgument, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.at, row.from);
    CHECK_THAT(OverlayTree::Create(base, row.at, inner, row.from).status(),
               StatusIs(row.code, row.message));
  }
}

}  // namespace
}  // namespace sluice::fs
