// SPDX-License-Identifier: Apache-2.0
#include "common/disk/temp_dir.h"

#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "common/testing/status_matchers.h"

namespace sluice::disk {
namespace {

using ::sluice::testing::StatusIs;

mode_t ModeOf(const std::string& path) {
  struct stat info;
  REQUIRE(lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

TEST_CASE("a temporary directory is private and goes with its owner", "[disk]") {
  std::string path;
  {
    const TempDir parent = TempDir::Create("parent-").value();
    TempDir directory = TempDir::Create("kustomization-", parent.path()).value();
    path = directory.path();
    CHECK(absl::StartsWith(path, parent.path() + "/kustomization-"));
    CHECK(ModeOf(path) == 0700);
    REQUIRE(directory.root().CreateDirectories("a/b/c").ok());
    REQUIRE(directory.root().WriteFile("a/b/f", "x").ok());
    REQUIRE(directory.root().Link("a/out", "/etc").ok());

    TempDir moved = std::move(directory);
    CHECK(moved.path() == path);
    moved = TempDir::Create("other-", parent.path()).value();
    CHECK_FALSE(std::filesystem::exists(path));
    path = moved.path();
    CHECK(std::filesystem::exists(path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(std::filesystem::exists("/etc"));
  CHECK_THAT(TempDir::Create("x-", "/nonexistent").status(),
             StatusIs(absl::StatusCode::kNotFound,
                      "tmp dir error: open /nonexistent: no such file or directory"));
}

TEST_CASE("temporary directories without an owner can be removed", "[disk]") {
  const TempDir parent = TempDir::Create("parent-").value();
  const TempDir alive = TempDir::Create("ours-", parent.path()).value();
  REQUIRE(parent.root().CreateDirectories("ours-dead/a/b").ok());
  REQUIRE(parent.root().WriteFile("ours-dead/a/b/c", "x").ok());
  // Killed before it got its name.
  REQUIRE(parent.root().CreateDirectories(".ours-aB3xYz").ok());
  REQUIRE(parent.root().CreateDirectories("theirs-dead").ok());
  REQUIRE(parent.root().WriteFile("ours-file", "x").ok());
  REQUIRE(parent.root().Link("ours-link", "theirs-dead").ok());
  CHECK(TempDir::RemoveAbandoned("ours-", parent.path()).value() == 2);
  CHECK(std::filesystem::exists(alive.path()));
  CHECK_FALSE(std::filesystem::exists(parent.root().PathTo(".ours-aB3xYz")));
  CHECK_FALSE(std::filesystem::exists(parent.root().PathTo("ours-dead")));
  for (const char* name : {"theirs-dead", "ours-file", "ours-link"}) {
    CHECK(std::filesystem::exists(parent.root().PathTo(name)));
  }
  CHECK(TempDir::RemoveAbandoned("ours-", "/nonexistent").status().code() ==
        absl::StatusCode::kNotFound);
}

TEST_CASE("directories are made and swept at the same time", "[disk]") {
  const TempDir parent = TempDir::Create("parent-").value();
  std::atomic<bool> done = false;
  std::thread sweeper([&] {
    while (!done) TempDir::RemoveAbandoned("ours-", parent.path()).status().IgnoreError();
  });
  int made = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto directory = TempDir::Create("ours-", parent.path());
    if (directory.ok() && directory->root().WriteFile("f", "x").ok()) ++made;
  }
  done = true;
  sweeper.join();
  CHECK(made == 2000);
  CHECK(std::filesystem::is_empty(parent.path()));
}

TEST_CASE("a temporary directory's path has no links in it", "[disk]") {
  const TempDir parent = TempDir::Create("parent-").value();
  REQUIRE(parent.root().CreateDirectories("real").ok());
  REQUIRE(parent.root().Link("link", "real").ok());
  const TempDir directory = TempDir::Create("x-", parent.root().PathTo("link")).value();
  CHECK(absl::StartsWith(directory.path(), parent.root().PathTo("real/x-")));
}

}  // namespace
}  // namespace sluice::disk
