// SPDX-License-Identifier: Apache-2.0
#include "common/git/mirror.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/git/tree.h"
#include "common/git_testing/git_server.h"
#include "common/git_testing/repo_builder.h"
#include "common/git_testing/scratch_directory.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::git_testing::GitServer;
using ::sluice::git_testing::RepoBuilder;
using ::sluice::git_testing::ScratchDirectory;
using ::sluice::git_testing::TruncateAfter;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const Context kContext = Context::Background();

// An upstream with one commit, served, and a place for its mirror.
struct Fixture {
  Fixture() {
    uint32_t state = 1;  // of a generator whose output does not compress away
    for (int i = 0; i < 50; ++i) {
      std::string content;
      while (content.size() < 2001) {
        state = state * 1664525 + 1013904223;
        content.push_back(static_cast<char>('0' + (state >> 24) % 64));
      }
      repo.Write("file" + std::to_string(i), content);
    }
    first = repo.Commit("first");
  }
  std::unique_ptr<Mirror> OpenMirror() {
    return Mirror::Open(kContext, RealClock(), scratch / "mirrors/m").value();
  }
  absl::Status Fetch(Mirror& mirror, const ObjectId& id, int depth = 1) {
    return mirror.Fetch(kContext, *Remote::Open(server.Url("r"), {}, {}).value(), {id}, depth);
  }

  ScratchDirectory scratch;
  RepoBuilder repo{scratch / "up/r.git"};
  GitServer server{scratch / "up"};
  ObjectId first;
};

std::string Read(const Mirror& mirror, const ObjectId& commit, absl::string_view path) {
  const std::shared_ptr<const ObjectStore> objects = mirror.objects();
  return CommitTree(objects, ReadCommit(*objects, commit)->tree).Read(path).value_or("<none>");
}

// The only file in the mirror's pack directory with this ending.
std::filesystem::path PackFile(const Fixture& f, const std::string& extension) {
  for (const auto& entry :
       std::filesystem::directory_iterator(f.scratch / "mirrors/m/objects/pack")) {
    if (entry.path().extension() == extension) return entry.path();
  }
  return {};
}

TEST_CASE("a mirror keeps what was fetched and asks for the rest only", "[git]") {
  Fixture f;
  {
    const auto mirror = f.OpenMirror();
    CHECK_FALSE(mirror->Has(f.first));
    REQUIRE_THAT(f.Fetch(*mirror, f.first), IsOk());
    CHECK(mirror->Has(f.first));
  }
  const size_t whole = f.server.counters().fetch_bytes;
  f.repo.Write("file7", "changed");
  const ObjectId second = f.repo.Commit("second");
  f.server.ResetCounters();

  const auto mirror = f.OpenMirror();  // as after a restart
  CHECK(mirror->Has(f.first));
  REQUIRE_THAT(f.Fetch(*mirror, second), IsOk());
  CHECK(Read(*mirror, second, "file7") == "changed");
  CHECK(Read(*mirror, second, "file8").size() > 2000);
  CHECK(f.server.counters().fetch_bytes * 3 < whole);
}

TEST_CASE("only the commit asked for comes, or all of its history", "[git]") {
  Fixture f;
  f.repo.Write("x", "1");
  const ObjectId second = f.repo.Commit("second");
  const auto mirror = f.OpenMirror();
  REQUIRE_THAT(f.Fetch(*mirror, second), IsOk());
  CHECK_FALSE(mirror->objects()->Exists(f.first));
  CHECK_THAT(mirror->Adopt(kContext, f.first), StatusIs(absl::StatusCode::kNotFound));

  f.repo.Write("x", "2");
  const ObjectId third = f.repo.Commit("third");
  REQUIRE_THAT(f.Fetch(*mirror, third, /*depth=*/0), IsOk());
  CHECK(mirror->objects()->Exists(f.first));
  CHECK_THAT(mirror->Adopt(kContext, f.first), IsOk());
  CHECK(mirror->Has(f.first));
}

TEST_CASE("a mirror that is out of order is made anew", "[git]") {
  Fixture f;
  REQUIRE_THAT(f.Fetch(*f.OpenMirror(), f.first), IsOk());
  const std::string directory = f.scratch / "mirrors/m";

  SECTION("no list of tips") {
    std::filesystem::remove(directory + "/sluice-mirror");
    CHECK_FALSE(f.OpenMirror()->Has(f.first));
  }
  SECTION("a list that is cut off") {
    std::ofstream(directory + "/sluice-mirror", std::ios::trunc) << "sluice mirror 1\nabc";
    CHECK_FALSE(f.OpenMirror()->Has(f.first));
  }
  SECTION("another format") {
    std::ofstream(directory + "/sluice-mirror", std::ios::trunc) << "sluice mirror 9\n";
    CHECK_FALSE(f.OpenMirror()->Has(f.first));
  }
  SECTION("no objects") {
    std::filesystem::remove_all(directory + "/objects");
    CHECK_FALSE(f.OpenMirror()->Has(f.first));
  }
  const auto mirror = f.OpenMirror();
  REQUIRE_THAT(f.Fetch(*mirror, f.first), IsOk());
  CHECK(Read(*mirror, f.first, "file1").size() > 2000);
}

TEST_CASE("damage that is found while reading starts the next user anew", "[git]") {
  Fixture f;
  REQUIRE_THAT(f.Fetch(*f.OpenMirror(), f.first), IsOk());
  const std::filesystem::path pack = PackFile(f, ".pack");
  std::filesystem::permissions(pack, std::filesystem::perms::owner_all);
  {
    // Past the commit and the tree, which come first.
    std::fstream file(pack, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(pack) / 2));
    file << std::string(512, '\x55');
  }
  bool damaged = false;
  {
    const auto mirror = f.OpenMirror();
    const std::shared_ptr<const ObjectStore> objects = mirror->objects();
    const absl::StatusOr<Commit> commit = ReadCommit(*objects, f.first);
    for (int i = 0; commit.ok() && i < 50; ++i) {
      const CommitTree tree(objects, commit->tree);
      damaged |= absl::IsDataLoss(tree.Read("file" + std::to_string(i)).status());
    }
    damaged |= absl::IsDataLoss(commit.status());
  }
  CHECK(damaged);
  const auto mirror = f.OpenMirror();
  CHECK_FALSE(mirror->Has(f.first));
  REQUIRE_THAT(f.Fetch(*mirror, f.first), IsOk());
  for (int i = 0; i < 50; ++i)
    CHECK(Read(*mirror, f.first, "file" + std::to_string(i)).size() > 2000);
}

TEST_CASE("a mirror that lacks what it should have is filled anew within the fetch", "[git]") {
  Fixture f;
  REQUIRE_THAT(f.Fetch(*f.OpenMirror(), f.first), IsOk());
  // The list says that the commit is here; its pack is gone.
  std::filesystem::remove(PackFile(f, ".pack"));
  std::filesystem::remove(PackFile(f, ".idx"));
  f.repo.Write("file7", "changed");
  const ObjectId second = f.repo.Commit("second");
  const auto mirror = f.OpenMirror();
  REQUIRE_THAT(f.Fetch(*mirror, second), IsOk());
  CHECK(Read(*mirror, second, "file8").size() > 2000);
  CHECK_FALSE(mirror->Has(f.first));
}

TEST_CASE("a pack that is cut off or lacks objects is not taken", "[git]") {
  Fixture f;
  const auto mirror = f.OpenMirror();
  f.server.SetFault(TruncateAfter("/git-upload-pack", 2000));
  CHECK_THAT(f.Fetch(*mirror, f.first), StatusIs(absl::StatusCode::kUnavailable));
  CHECK_FALSE(mirror->Has(f.first));
  // Nothing is left of it.
  CHECK(std::filesystem::is_empty(f.scratch / "mirrors/m/objects/pack"));
  f.server.SetFault({});
  CHECK_THAT(f.Fetch(*mirror, f.first), IsOk());
}

TEST_CASE("what an interrupted fetch left is removed", "[git]") {
  Fixture f;
  REQUIRE_THAT(f.Fetch(*f.OpenMirror(), f.first), IsOk());
  const std::string leftover = f.scratch / "mirrors/m/objects/pack/pack_git2_abc";
  std::ofstream(leftover) << "x";
  CHECK(f.OpenMirror()->Has(f.first));
  CHECK_FALSE(std::filesystem::exists(leftover));
}

TEST_CASE("a mirror has one user at a time", "[git]") {
  Fixture f;
  auto mirror = f.OpenMirror();
  const Context brief = kContext.WithTimeout(absl::Milliseconds(50));
  CHECK_THAT(Mirror::Open(brief, RealClock(), f.scratch / "mirrors/m").status(),
             StatusIs(absl::StatusCode::kDeadlineExceeded));
  const std::shared_ptr<const ObjectStore> objects = mirror->objects();
  mirror.reset();
  // Whoever reads still holds it.
  CHECK_THAT(Mirror::Open(kContext.WithTimeout(absl::Milliseconds(50)), RealClock(),
                          f.scratch / "mirrors/m")
                 .status(),
             StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_CASE("mirrors that nobody uses are deleted", "[git]") {
  Fixture f;
  f.OpenMirror();
  const std::string directory = f.scratch / "mirrors/m";
  const absl::Time now = RealClock().Now();
  CHECK(PruneMirrors(kContext, f.scratch / "mirrors", now - absl::Hours(1)).value() == 0);
  CHECK(std::filesystem::exists(directory));
  {
    const auto held = f.OpenMirror();
    CHECK(PruneMirrors(kContext, f.scratch / "mirrors", now + absl::Hours(1)).value() == 0);
  }
  CHECK(PruneMirrors(kContext, f.scratch / "mirrors", now + absl::Hours(1)).value() == 1);
  CHECK_FALSE(std::filesystem::exists(directory));
  CHECK(PruneMirrors(kContext, f.scratch / "nope", now).value() == 0);
  CHECK_FALSE(f.OpenMirror()->Has(f.first));
}

TEST_CASE("a mirror's name depends on scope and URL, not on user info", "[git]") {
  const std::string name = MirrorDirectory("/m", "ns", "https://h/r");
  CHECK(name.size() == 35);
  CHECK(name == MirrorDirectory("/m", "ns", "https://user:pw@h/r"));
  CHECK(name == MirrorDirectory("/m", "ns", "https://h/r/"));
  CHECK(name != MirrorDirectory("/m", "other", "https://h/r"));
  CHECK(name != MirrorDirectory("/m", "ns", "https://h/r2"));
}

}  // namespace
}  // namespace sluice::git
