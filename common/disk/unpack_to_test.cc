// SPDX-License-Identifier: Apache-2.0
#include "common/disk/unpack_to.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "common/archive/gzip.h"
#include "common/archive/pack.h"
#include "common/archive/tar_writer.h"
#include "common/disk/disk_tree.h"
#include "common/disk/rooted_path.h"
#include "common/disk/temp_dir.h"
#include "common/testing/status_matchers.h"

namespace sluice::disk {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;
using Names = std::vector<std::string>;

constexpr auto kWrongKind = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

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

struct Content {
  archive::TarEntry entry;
  std::string bytes;
};

std::string Archive(const std::vector<Content>& contents) {
  std::string tar;
  archive::TarWriter writer([&](absl::string_view bytes) {
    tar.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  });
  for (const Content& content : contents) {
    archive::TarEntry entry = content.entry;
    entry.size = content.bytes.size();
    REQUIRE(writer.Begin(entry).ok());
    REQUIRE(writer.Write(content.bytes).ok());
  }
  REQUIRE(writer.Finish().ok());
  return archive::Gzip(tar);
}

absl::Status UnpackBytes(const std::string& bytes, const RootedPath& root,
                         const Context& ctx = Context::Background()) {
  archive::MemorySource source(bytes);
  return UnpackTo(ctx, source, {}, root);
}

TEST_CASE("an archive unpacks to disk and packs again as it was", "[disk]") {
  using Type = archive::TarEntry::Type;
  const TempDir directory = TempDir::Create("disk-").value();
  const RootedPath& root = directory.root();
  const std::string bytes =
      Archive({{{.name = "closed", .type = Type::kDirectory, .mode = 0}, ""},
               {{.name = "closed/f", .mode = 0}, "content"},
               {{.name = "implied/x/run", .mode = 0755}, "#!"},
               {{.name = "closed/f", .mode = 0640}, "new"},
               {{.name = "l", .type = Type::kSymlink, .link_target = "/"}, ""},
               {{.name = "l/x"}, "x"}});
  REQUIRE(root.WriteFile("archive", bytes).ok());
  FileSource source(root.OpenForReading("archive").value());
  REQUIRE(root.CreateDirectories("out").ok());
  const RootedPath out = RootedPath::Open(root.PathTo("out")).value();
  CHECK_THAT(UnpackTo(Context::Background(), source, {}, out), IsOk());
  CHECK(ModeOf(out.PathTo("closed")) == 0700);
  CHECK(ModeOf(out.PathTo("implied")) == 0750);
  CHECK(ModeOf(out.PathTo("implied/x/run")) == 0755);
  CHECK(ModeOf(out.PathTo("closed/f")) == 0640);
  CHECK(out.Read("closed/f").value() == "new");
  CHECK(out.Read("l/x").value() == "x");  // in a directory of its own, not through the link

  const auto pack = [](const fs::Tree& tree) {
    std::string packed;
    REQUIRE(archive::Pack(tree, [&](absl::string_view piece) {
              packed.append(piece.data(), piece.size());
              return absl::OkStatus();
            }).ok());
    return packed;
  };
  const std::string packed = pack(*DiskTree::Open(out.directory()).value());
  REQUIRE(root.CreateDirectories("again").ok());
  const RootedPath again = RootedPath::Open(root.PathTo("again")).value();
  REQUIRE(UnpackBytes(packed, again).ok());
  CHECK(pack(*DiskTree::Open(again.directory()).value()) == packed);
}

TEST_CASE("unpacking to disk stays inside and stops when told to", "[disk]") {
  const TempDir outside = TempDir::Create("outside-").value();
  const TempDir directory = TempDir::Create("disk-").value();
  const RootedPath& root = directory.root();
  REQUIRE(root.Link("l", outside.path()).ok());
  CHECK_THAT(UnpackBytes(Archive({{{.name = "l/x"}, "x"}}), root),
             StatusIs(kWrongKind, "not a directory"));
  CHECK_THAT(UnpackBytes(Archive({{{.name = "l"}, "x"}}), root),
             StatusIs(kWrongKind, "not a regular file"));
  CHECK_THAT(UnpackBytes(Archive({{{.name = "../x"}, "x"}}), root), StatusIs(kInvalid, "../x"));
  CHECK(NamesOf(outside.root(), "").empty());

  std::stop_source stop;
  stop.request_stop();
  CHECK_THAT(UnpackBytes(Archive({{{.name = "x"}, "x"}}), root,
                         Context::Background().WithStopToken(stop.get_token())),
             StatusIs(absl::StatusCode::kCancelled));
  CHECK(NamesOf(root, "") == Names{"l"});
}

}  // namespace
}  // namespace sluice::disk
