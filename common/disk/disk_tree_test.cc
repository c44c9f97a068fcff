// SPDX-License-Identifier: Apache-2.0
#include "common/disk/disk_tree.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "common/disk/rooted_path.h"
#include "common/disk/temp_dir.h"
#include "common/fs/memory_tree.h"
#include "common/fs/walk.h"
#include "common/testing/status_matchers.h"

namespace sluice::disk {
namespace {

using ::sluice::testing::StatusIs;
using Names = std::vector<std::string>;

constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr auto kWrongKind = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST_CASE("a directory is a tree", "[disk]") {
  const TempDir directory = TempDir::Create("disk-").value();
  const RootedPath& root = directory.root();
  REQUIRE(root.CreateDirectories("d/e").ok());
  REQUIRE(root.WriteFile("d/f.yaml", "kind: X\n").ok());
  REQUIRE(root.WriteFile("d/run", std::string(200'000, 'r'), 0755).ok());
  REQUIRE(root.Link("d/link", "../../outside").ok());
  REQUIRE(mkfifo(root.PathTo("d/fifo").c_str(), 0600) == 0);
  const std::unique_ptr<DiskTree> tree = DiskTree::Open(directory.path()).value();

  Names walked;
  REQUIRE(fs::Walk(*tree, "", {},
                   [&](absl::string_view path, const fs::Entry&) -> absl::StatusOr<fs::Visit> {
                     walked.emplace_back(path);
                     return fs::Visit::kContinue;
                   })
              .ok());
  CHECK(walked == Names{"", "d", "d/e", "d/f.yaml", "d/link", "d/run"});
  CHECK(tree->Read("d/f.yaml").value() == "kind: X\n");
  CHECK(tree->ReadLink("d/link").value() == "../../outside");
  CHECK(tree->Stat("d/run")->executable);
  CHECK(tree->Stat("d/run")->size == 200'000);
  CHECK_FALSE(tree->Stat("d/f.yaml")->executable);
  CHECK(tree->Stat("")->type == fs::EntryType::kDirectory);
  CHECK(tree->Stat("")->name.empty());
  std::string pieces;
  int count = 0;
  REQUIRE(tree->ReadPieces("d/run",
                           [&](absl::string_view piece) {
                             ++count;
                             pieces.append(piece.data(), piece.size());
                             return absl::OkStatus();
                           })
              .ok());
  CHECK(count > 1);
  CHECK(pieces == std::string(200'000, 'r'));
  CHECK_THAT(tree->ReadPieces("d/run", [](absl::string_view) { return absl::AbortedError("x"); }),
             StatusIs(absl::StatusCode::kAborted, "x"));
  CHECK_THAT(tree->Read("d/run", 199'999).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "larger than the limit"));
}

TEST_CASE("a tree on disk answers as one in memory does, and never from outside", "[disk]") {
  const TempDir outside = TempDir::Create("outside-").value();
  REQUIRE(outside.root().WriteFile("secret", "s").ok());
  const TempDir directory = TempDir::Create("disk-").value();
  REQUIRE(directory.root().WriteFile("f", "x").ok());
  REQUIRE(directory.root().CreateDirectories("d").ok());
  REQUIRE(directory.root().Link("l", outside.path()).ok());
  REQUIRE(directory.root().Link("s", outside.root().PathTo("secret")).ok());
  fs::MemoryTree memory = fs::MemoryTree::FromFiles({{"f", "x"}}).value();
  REQUIRE(memory.AddDirectory("d").ok());
  REQUIRE(memory.AddSymlink("l", outside.path()).ok());
  REQUIRE(memory.AddSymlink("s", outside.root().PathTo("secret")).ok());

  const std::unique_ptr<DiskTree> disk = DiskTree::Open(directory.path()).value();
  for (const char* path : {"", "f", "d", "l", "s", "x", "f/x", "l/secret", "d/x", "x/y"}) {
    CAPTURE(path);
    CHECK(disk->Stat(path).status() == memory.Stat(path).status());
    CHECK(disk->Read(path).status().code() == memory.Read(path).status().code());
    CHECK(disk->List(path).status().code() == memory.List(path).status().code());
    CHECK(disk->ReadLink(path).status().code() == memory.ReadLink(path).status().code());
  }
  for (const char* path : {"..", "../x", "/etc", "d/..", "d/../../x"}) {
    CAPTURE(path);
    CHECK_THAT(disk->Stat(path).status(), StatusIs(kInvalid, "invalid path"));
    CHECK_THAT(disk->Read(path).status(), StatusIs(kInvalid, "invalid path"));
    CHECK_THAT(disk->List(path).status(), StatusIs(kInvalid, "invalid path"));
    CHECK_THAT(disk->ReadLink(path).status(), StatusIs(kInvalid, "invalid path"));
  }
  CHECK_THAT(DiskTree::Open(directory.path() + "/none").status(), StatusIs(kNotFound));
  CHECK_THAT(DiskTree::Open(directory.path() + "/f").status(),
             StatusIs(kWrongKind, "not a directory"));
}

}  // namespace
}  // namespace sluice::disk
