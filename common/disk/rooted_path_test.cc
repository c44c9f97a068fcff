// SPDX-License-Identifier: Apache-2.0
#include "common/disk/rooted_path.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/disk/temp_dir.h"
#include "common/fs/clean_path.h"
#include "common/testing/status_matchers.h"

namespace sluice::disk {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;
using Names = std::vector<std::string>;

constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr auto kWrongKind = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

mode_t ModeOf(const std::string& path) {
  struct stat info;
  REQUIRE(lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

Names NamesOf(const RootedPath& root, absl::string_view path) {
  Names names;
  const std::vector<DiskEntry> entries = root.List(path).value();
  for (const DiskEntry& entry : entries) names.push_back(entry.name);
  return names;
}

// Root may do everything, so what is forbidden is tried as another user.
class WithoutPrivileges {
 public:
  explicit WithoutPrivileges(const TempDir& directory) {
    if (geteuid() != 0) return;
    REQUIRE(chown(directory.path().c_str(), kNobody, kNobody) == 0);
    REQUIRE(seteuid(kNobody) == 0);
    changed_ = true;
  }
  ~WithoutPrivileges() {
    if (changed_ && seteuid(0) != 0) std::abort();
  }

 private:
  static constexpr uid_t kNobody = 65534;
  bool changed_ = false;
};

TEST_CASE("files are written whole, with exactly the mode asked for", "[disk]") {
  const TempDir directory = TempDir::Create("disk-").value();
  const RootedPath& root = directory.root();
  const mode_t umask_before = umask(0777);
  const absl::Status made = root.CreateDirectories("a/b", 0750);
  umask(umask_before);
  REQUIRE(made.ok());
  CHECK(ModeOf(root.PathTo("a")) == 0750);
  CHECK(ModeOf(root.PathTo("a/b")) == 0750);
  CHECK(root.CreateDirectories("a/b", 0700).ok());  // is there already
  CHECK(ModeOf(root.PathTo("a/b")) == 0750);
  CHECK(root.CreateDirectories("").ok());

  REQUIRE(root.WriteFile("a/b/f", "one").ok());
  CHECK(root.Read("a/b/f").value() == "one");
  CHECK(ModeOf(root.PathTo("a/b/f")) == 0600);
  REQUIRE(root.WriteFile("a/b/f", "two", 0644).ok());
  CHECK(root.Read("a/b/f").value() == "two");
  CHECK(ModeOf(root.PathTo("a/b/f")) == 0644);

  {
    FileWriter writer = root.Create("a/b/f").value();
    REQUIRE(writer.Write("half").ok());
    const Names names = NamesOf(root, "a/b");
    REQUIRE(names.size() == 2);
    CHECK(absl::StartsWith(names[0], ".new-f."));
    CHECK(root.Read("a/b/f").value() == "two");
  }  // abandoned
  CHECK(NamesOf(root, "a/b") == Names{"f"});
  {
    FileWriter writer = root.Create("a/b/f").value();
    REQUIRE(writer.Write("th").ok());
    REQUIRE(writer.Write("ree").ok());
    FileWriter moved = std::move(writer);
    REQUIRE(moved.Commit().ok());
  }
  CHECK(root.Read("a/b/f").value() == "three");
  CHECK(NamesOf(root, "a/b") == Names{"f"});

  const std::string longest(255, 'n');
  CHECK(root.WriteFile(longest, "x").ok());
  CHECK_FALSE(root.WriteFile(longest + "n", "x").ok());
}

TEST_CASE("a file takes the place of a link, not of what it leads to", "[disk]") {
  const TempDir directory = TempDir::Create("disk-").value();
  const RootedPath& root = directory.root();
  REQUIRE(root.WriteFile("target", "kept").ok());
  REQUIRE(root.Link("link", "target").ok());
  CHECK(root.Stat("link")->type == DiskEntry::Type::kSymlink);
  CHECK_THAT(root.Read("link").status(), StatusIs(kWrongKind, "open link: not a regular file"));
  const auto piece = []() -> absl::StatusOr<absl::string_view> { return ""; };
  CHECK_THAT(root.Overwrite("link", 0600, piece), StatusIs(kWrongKind, "not a regular file"));
  REQUIRE(root.WriteFile("link", "new").ok());
  CHECK(root.Read("link").value() == "new");
  CHECK(root.Read("target").value() == "kept");

  REQUIRE(root.Link("link", "elsewhere").ok());  // and a link that of a file
  REQUIRE(root.Link("link", root.PathTo("target")).ok());
  CHECK(std::filesystem::read_symlink(root.PathTo("link")) == root.PathTo("target"));
  CHECK(NamesOf(root, "") == Names{"link", "target"});
}

TEST_CASE("a link on the way is not followed", "[disk]") {
  const TempDir outside = TempDir::Create("outside-").value();
  REQUIRE(outside.root().WriteFile("secret", "s").ok());
  REQUIRE(outside.root().CreateDirectories("d").ok());
  const TempDir directory = TempDir::Create("disk-").value();
  const RootedPath& root = directory.root();
  REQUIRE(root.Link("out", outside.path()).ok());
  REQUIRE(root.CreateDirectories("in").ok());
  REQUIRE(root.Link("in/up", "..").ok());

  for (const char* link : {"out", "in/up"}) {
    CAPTURE(link);
    const std::string below = absl::StrCat(link, "/secret");
    CHECK_THAT(root.WriteFile(below, "x"), StatusIs(kWrongKind, "not a directory"));
    CHECK_THAT(root.Read(below).status(), StatusIs(kWrongKind, "not a directory"));
    CHECK_THAT(root.Stat(below).status(), StatusIs(kWrongKind, "not a directory"));
    CHECK_THAT(root.List(link).status(), StatusIs(kWrongKind, "not a directory"));
    CHECK_THAT(root.Remove(below), StatusIs(kWrongKind, "not a directory"));
    CHECK_THAT(root.RemoveTree(below), StatusIs(kWrongKind, "not a directory"));
    CHECK_THAT(root.Link(below, "x"), StatusIs(kWrongKind, "not a directory"));
    CHECK_THAT(root.CreateDirectories(below), StatusIs(kWrongKind, "not a directory"));
    CHECK_THAT(root.CreateDirectories(link), StatusIs(kWrongKind, "not a directory"));
  }
  REQUIRE(root.RemoveTree("").ok());
  CHECK(NamesOf(root, "").empty());
  CHECK(NamesOf(outside.root(), "") == Names{"d", "secret"});
}

TEST_CASE("paths that could lead out are refused", "[disk]") {
  const TempDir directory = TempDir::Create("disk-").value();
  const RootedPath& root = directory.root();
  for (const std::string& path :
       {std::string("../x"), std::string("/etc/passwd"), std::string("a/../../x"),
        std::string("a//b"), std::string("./a"), std::string("a\0b", 3), std::string("..")}) {
    CAPTURE(path);
    CHECK_THAT(root.WriteFile(path, "x"), StatusIs(kInvalid, "invalid path"));
    CHECK_THAT(root.Read(path).status(), StatusIs(kInvalid, "invalid path"));
    CHECK_THAT(root.Stat(path).status(), StatusIs(kInvalid, "invalid path"));
    CHECK_THAT(root.List(path).status(), StatusIs(kInvalid, "invalid path"));
    CHECK_THAT(root.CreateDirectories(path), StatusIs(kInvalid, "invalid path"));
    CHECK_THAT(root.Remove(path), StatusIs(kInvalid, "invalid path"));
    CHECK_THAT(root.RemoveTree(path), StatusIs(kInvalid, "invalid path"));
    CHECK_THAT(root.Link(path, "x"), StatusIs(kInvalid, "invalid path"));
  }
  for (const absl::Status& status :
       {root.WriteFile("", "x"), root.Remove(""), root.Link("", "x"), root.Read("").status()}) {
    CHECK_THAT(status, StatusIs(kWrongKind, "not a regular file"));
  }
  std::string deepest = "d";
  for (size_t i = 1; i < fs::kMaxDepth; ++i) absl::StrAppend(&deepest, "/d");
  CHECK_THAT(root.CreateDirectories(deepest), IsOk());
  CHECK_THAT(root.CreateDirectories(deepest + "/d"), StatusIs(kInvalid, "more than 256"));
}

TEST_CASE("what is missing or of another kind is reported as such", "[disk]") {
  const TempDir directory = TempDir::Create("disk-").value();
  const RootedPath& root = directory.root();
  CHECK_THAT(RootedPath::Open(root.PathTo("none")).status(),
             StatusIs(kNotFound, "none: no such file or directory"));
  CHECK_THAT(root.Read("none").status(),
             StatusIs(kNotFound, "open none: no such file or directory"));
  CHECK_THAT(root.Stat("none").status(), StatusIs(kNotFound, "stat none"));
  CHECK_THAT(root.WriteFile("none/f", "x"), StatusIs(kNotFound, "create none/f"));
  CHECK_THAT(root.Remove("none"), StatusIs(kNotFound, "remove none"));
  CHECK(root.RemoveTree("none").ok());
  CHECK(root.RemoveTree("none/deeper").ok());

  REQUIRE(root.WriteFile("f", "12345").ok());
  REQUIRE(root.CreateDirectories("d/e").ok());
  CHECK_THAT(RootedPath::Open(root.PathTo("f")).status(), StatusIs(kWrongKind, "not a directory"));
  CHECK_THAT(root.WriteFile("f/x", "x"), StatusIs(kWrongKind, "not a directory"));
  CHECK_THAT(root.CreateDirectories("f/x"), StatusIs(kWrongKind, "not a directory"));
  CHECK_THAT(root.Read("d").status(), StatusIs(kWrongKind, "not a regular file"));
  CHECK_FALSE(root.WriteFile("d", "x").ok());
  CHECK_FALSE(root.Remove("d").ok());  // not empty
  CHECK(NamesOf(root, "") == Names{"d", "f"});
  CHECK(root.Remove("d/e").ok());
  CHECK(root.Remove("d").ok());
  CHECK(root.Read("f", 5).value() == "12345");
  CHECK_THAT(root.Read("f", 4).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "larger than the limit of 4"));

  REQUIRE(mkfifo(root.PathTo("fifo").c_str(), 0600) == 0);
  CHECK_THAT(root.Read("fifo").status(), StatusIs(kWrongKind, "not a regular file"));
  CHECK(root.Stat("fifo")->type == DiskEntry::Type::kOther);
  const auto piece = []() -> absl::StatusOr<absl::string_view> { return ""; };
  CHECK_THAT(root.Overwrite("fifo", 0600, piece), StatusIs(kWrongKind, "not a regular file"));
  CHECK_THAT(root.Overwrite("f/x", 0600, piece), StatusIs(kWrongKind, "not a directory"));
}

TEST_CASE("a directory that may not be written says so and stays as it is", "[disk]") {
  const TempDir directory = TempDir::Create("disk-").value();
  const RootedPath& root = directory.root();
  const WithoutPrivileges drop(directory);
  REQUIRE(root.CreateDirectories("d/e").ok());
  REQUIRE(root.WriteFile("d/f", "old").ok());
  REQUIRE(chmod(root.PathTo("d").c_str(), 0500) == 0);
  CHECK_THAT(root.WriteFile("d/f", "new"), StatusIs(kDenied, "create d/f: permission denied"));
  CHECK_THAT(root.Remove("d/f"), StatusIs(kDenied, "remove d/f: permission denied"));
  CHECK_THAT(root.CreateDirectories("d/g"), StatusIs(kDenied, "mkdir d/g"));
  CHECK_THAT(root.Link("d/l", "f"), StatusIs(kDenied, "create d/l"));
  CHECK(root.Read("d/f").value() == "old");

  REQUIRE(chmod(root.PathTo("d").c_str(), 0) == 0);
  CHECK_THAT(root.Read("d/f").status(), StatusIs(kDenied, "open d/f: permission denied"));
  CHECK_THAT(root.List("d").status(), StatusIs(kDenied, "open d: permission denied"));
  // Removing makes way for itself.
  CHECK_THAT(root.RemoveTree("d"), IsOk());
  CHECK(NamesOf(root, "").empty());

  REQUIRE(root.CreateDirectories("x/y/z").ok());
  REQUIRE(root.WriteFile("x/y/f", "x").ok());
  REQUIRE(chmod(root.PathTo("x/y/z").c_str(), 0) == 0);
  REQUIRE(chmod(root.PathTo("x/y").c_str(), 0500) == 0);
  REQUIRE(chmod(root.PathTo("x").c_str(), 0500) == 0);
  CHECK_THAT(root.RemoveTree("x"), IsOk());
}

TEST_CASE("a write that fails leaves nothing behind", "[disk]") {
  const TempDir directory = TempDir::Create("disk-").value();
  const RootedPath& root = directory.root();
  REQUIRE(root.WriteFile("f", "old").ok());
  // The nearest thing to a full disk that needs no privileges.
  rlimit before;
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit small = {.rlim_cur = 4096, .rlim_max = before.rlim_max};
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  const absl::Status status = root.WriteFile("f", std::string(10'000, 'x'));
  REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
  signal(SIGXFSZ, handler);
  CHECK_FALSE(status.ok());
  CHECK(absl::StrContains(status.message(), "write f: file too large"));
  CHECK(root.Read("f").value() == "old");
  CHECK(NamesOf(root, "") == Names{"f"});
}

TEST_CASE("entries are listed with kind, size and time", "[disk]") {
  const TempDir directory = TempDir::Create("disk-").value();
  const RootedPath& root = directory.root();
  REQUIRE(root.WriteFile("b", "123").ok());
  REQUIRE(root.CreateDirectories("a").ok());
  REQUIRE(root.Link("c", "b").ok());
  const timespec times[2] = {{.tv_sec = 1'000}, {.tv_sec = 1'000}};
  REQUIRE(utimensat(AT_FDCWD, root.PathTo("b").c_str(), times, 0) == 0);
  const std::vector<DiskEntry> entries = root.List("").value();
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].type == DiskEntry::Type::kDirectory);
  CHECK(entries[1].name == "b");
  CHECK(entries[1].type == DiskEntry::Type::kFile);
  CHECK(entries[1].size == 3);
  CHECK(entries[1].modified == absl::FromUnixSeconds(1'000));
  CHECK(entries[2].type == DiskEntry::Type::kSymlink);
  CHECK(root.Stat("b")->size == 3);
  CHECK(root.Stat("")->type == DiskEntry::Type::kDirectory);
}

}  // namespace
}  // namespace sluice::disk
