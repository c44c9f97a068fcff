// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/archive/gzip.h"
#include "common/archive/pack.h"
#include "common/archive/tar_reader.h"
#include "common/archive/tar_tree.h"
#include "common/archive/tar_writer.h"
#include "common/crypto/digest.h"
#include "common/fs/memory_tree.h"
#include "common/testing/status_matchers.h"

namespace sluice::archive {
namespace {

using ::sluice::testing::StatusIs;
using Type = TarEntry::Type;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;

fs::MemoryTree Sample() {
  fs::MemoryTree tree = fs::MemoryTree::FromFiles({
                                                      {"kustomization.yaml", "resources: [app]\n"},
                                                      {"app/deploy.yaml", "kind: Deployment\n"},
                                                      {"app-2/x", "x"},
                                                      {"app.txt", ""},
                                                      {"ü/ö.yaml", "utf-8"},
                                                  })
                            .value();
  REQUIRE(tree.AddFile("bin/run.sh", "#!/bin/sh\n", true).ok());
  REQUIRE(tree.AddSymlink("app/link", "deploy.yaml").ok());
  REQUIRE(tree.AddDirectory("empty").ok());
  return tree;
}

ByteSink AppendTo(std::string& bytes) {
  return [&bytes](absl::string_view piece) {
    bytes.append(piece.data(), piece.size());
    return absl::OkStatus();
  };
}

std::string Packed(const fs::Tree& tree) {
  std::string bytes;
  REQUIRE(Pack(tree, AppendTo(bytes)).ok());
  return bytes;
}

// "name mode" of every entry, directories with a final slash.
std::vector<std::string> Names(absl::string_view archive) {
  MemorySource source(archive);
  GunzipSource gunzip(source);
  TarReader reader(gunzip, uint64_t{1} << 30);
  std::vector<std::string> names;
  while (const auto entry = reader.Next().value()) {
    CHECK(entry->mtime == 0);
    names.push_back(absl::StrFormat("%s%s %04o", entry->name,
                                    entry->type == Type::kDirectory ? "/" : "", entry->mode));
  }
  return names;
}

TEST_CASE("an artifact has every directory and file in the order of a walk", "[archive]") {
  CHECK(Names(Packed(Sample())) == std::vector<std::string>{
                                       "./ 0750",
                                       "app/ 0750",
                                       "app/deploy.yaml 0600",
                                       "app-2/ 0750",
                                       "app-2/x 0600",
                                       "app.txt 0600",
                                       "bin/ 0750",
                                       "bin/run.sh 0700",
                                       "empty/ 0750",
                                       "kustomization.yaml 0600",
                                       "ü/ 0750",
                                       "ü/ö.yaml 0600",
                                   });
  CHECK(Names(Packed(fs::MemoryTree())) == std::vector<std::string>{"./ 0750"});
}

TEST_CASE("the same content always gives the same artifact", "[archive]") {
  const std::string archive = Packed(Sample());
  CHECK(Packed(Sample()) == archive);
  CHECK(Packed(*TarTree::Open(archive).value()) ==
        archive);  // but for the link, it comes out whole

  // A change of these digests changes the digest of every artifact that is built again, so that
  // consumers see a new revision everywhere. The second one depends on zlib (1.2.13 in Debian 12).
  CHECK(crypto::Sha256Hex(Gunzip(archive, 1 << 20).value()) ==
        "597ad457971401bb98cf1dde892a68539af0a60b7bfc0a04acb5e26f0c89c496");
  CHECK(crypto::Sha256Hex(archive) ==
        "13e05d8875c8460d32ec8b6106630eeb7652be8c99311c00ea856f40e739c1b6");
}

TEST_CASE("entries are left out one by one", "[archive]") {
  std::string archive;
  const auto leave_out = [](absl::string_view path, const fs::Entry&) {
    return path == "app" || path == "app/link" || path == "ü/ö.yaml";
  };
  REQUIRE(Pack(Sample(), leave_out, AppendTo(archive)).ok());
  const std::vector<std::string> names = Names(archive);
  CHECK(std::count(names.begin(), names.end(), "app/ 0750") == 0);
  CHECK(std::count(names.begin(), names.end(), "app/deploy.yaml 0600") == 1);
  CHECK(std::count(names.begin(), names.end(), "ü/ 0750") == 1);
  CHECK(names.size() == 10);
}

TEST_CASE("packing ends with the first error", "[archive]") {
  CHECK_THAT(Pack(Sample(), [](absl::string_view) { return absl::UnavailableError("disk full"); }),
             StatusIs(absl::StatusCode::kUnavailable, "disk full"));
  std::string archive;
  const auto nothing = [](absl::string_view, const fs::Entry&) { return false; };
  CHECK_THAT(Pack(Sample(), nothing, AppendTo(archive), {.max_entries = 5}),
             StatusIs(kExhausted, "more than 5 entries"));

  // A tree whose files change between the look at them and the reading.
  class Changing : public fs::Tree {
   public:
    explicit Changing(std::string content) : content_(std::move(content)) {}
    absl::StatusOr<fs::Entry> Stat(absl::string_view) const override {
      return fs::Entry{.type = fs::EntryType::kDirectory};
    }
    absl::StatusOr<std::vector<fs::Entry>> List(absl::string_view) const override {
      return std::vector<fs::Entry>{{.name = "f", .size = 3}};
    }
    absl::StatusOr<std::string> Read(absl::string_view, size_t) const override { return content_; }
    absl::StatusOr<std::string> ReadLink(absl::string_view) const override { return ""; }

   private:
    std::string content_;
  };
  CHECK(Pack(Changing("abc"), AppendTo(archive)).ok());
  CHECK_THAT(Pack(Changing("abcd"), AppendTo(archive)),
             StatusIs(absl::StatusCode::kAborted, "f grew"));
  CHECK_THAT(Pack(Changing("ab"), AppendTo(archive)),
             StatusIs(absl::StatusCode::kAborted, "f shrank"));
}

struct Content {
  TarEntry entry;
  std::string bytes;
};

std::string Archive(const std::vector<Content>& contents) {
  std::string tar;
  TarWriter writer(AppendTo(tar));
  for (const Content& content : contents) {
    TarEntry entry = content.entry;
    entry.size = content.bytes.size();
    REQUIRE(writer.Begin(entry).ok());
    REQUIRE(writer.Write(content.bytes).ok());
  }
  REQUIRE(writer.Finish().ok());
  return Gzip(tar);
}

TEST_CASE("an artifact unpacks into a tree", "[archive]") {
  const auto tree = TarTree::Open(Packed(Sample())).value();
  CHECK(tree->Read("app/deploy.yaml").value() == "kind: Deployment\n");
  CHECK(tree->Read("ü/ö.yaml").value() == "utf-8");
  CHECK(tree->Stat("bin/run.sh")->executable);
  CHECK_FALSE(tree->Stat("app.txt")->executable);
  CHECK(tree->Stat("empty")->type == fs::EntryType::kDirectory);
  CHECK_FALSE(tree->Stat("app/link").ok());
  CHECK(tree->List("bin")->size() == 1);
  CHECK(tree->content_size() == 17 + 17 + 1 + 5 + 10);
  CHECK_FALSE(tree->ReadLink("app.txt").ok());

  // What other programs write: "./" in front, slashes behind, directories not named, files twice.
  const auto other =
      TarTree::Open(
          Archive({{{.name = "./", .type = Type::kDirectory}, ""},
                   {{.name = "./a/b//c", .mode = 0644}, "1"},
                   {{.name = "a/d/", .type = Type::kDirectory}, ""},
                   {{.name = "a/b/c", .mode = 0755}, "22"},
                   {{.name = "hard", .type = Type::kHardLink, .link_target = "a/b/c"}, ""},
                   {{.name = "..."}, ""},
                   {{.name = "x/..", .type = Type::kDirectory}, ""}}))
          .value();
  CHECK(other->Read("a/b/c").value() == "22");
  CHECK(other->Stat("a/b/c")->executable);
  CHECK(other->Stat("a/d")->type == fs::EntryType::kDirectory);
  CHECK(other->Read("hard").value().empty());  // as Flux does it
  CHECK(other->Stat("...").ok());
}

TEST_CASE("unpacking refuses names that could lead elsewhere", "[archive]") {
  for (const char* name : {"/etc/passwd", "../x", "a/../x", "a/../../x", "..", "a/../..", "a\\b",
                           "..\\x", "a../b", "//x", "./../x"}) {
    CAPTURE(name);
    CHECK_THAT(TarTree::Open(Archive({{{.name = name}, "x"}})).status(),
               StatusIs(kInvalid, "tar contained invalid name error"));
    CHECK_THAT(
        TarTree::Open(Archive({{{.name = name, .type = Type::kSymlink, .link_target = "x"}, ""}}),
                      {.symlinks = Symlinks::kSkip})
            .status(),
        StatusIs(kInvalid, "tar contained invalid name error"));
  }
  for (const char* name : {".", "./", "a/.."}) {
    CAPTURE(name);
    CHECK_THAT(TarTree::Open(Archive({{{.name = name}, "x"}})).status(),
               StatusIs(kInvalid, "tar contained invalid name error"));
  }
  CHECK_THAT(TarTree::Open(Archive({{{.name = std::string(5000, 'a')}, "x"}})).status(),
             StatusIs(kInvalid, "tar contained invalid name error"));
  // A file where a directory should be, and the other way round.
  CHECK_FALSE(TarTree::Open(Archive({{{.name = "a"}, "x"}, {{.name = "a/b"}, "x"}})).ok());
  CHECK_FALSE(TarTree::Open(Archive({{{.name = "a/b"}, "x"}, {{.name = "a"}, "x"}})).ok());
}

TEST_CASE("links are refused or left out, devices always refused", "[archive]") {
  const std::string archive =
      Archive({{{.name = "l", .type = Type::kSymlink, .link_target = "/etc/passwd"}, ""},
               {{.name = "l/x"}, "inside"}});
  CHECK_THAT(TarTree::Open(archive, {.symlinks = Symlinks::kRefuse}).status(),
             StatusIs(kInvalid, "tar file entry \"l\" is a symlink, which is not allowed"));
  const auto tree = TarTree::Open(archive).value();
  CHECK(tree->Read("l/x").value() == "inside");  // never through the link

  for (const char type : {'3', '4', '6'}) {
    std::string tar = Gunzip(Archive({{{.name = "v"}, ""}}), 1 << 20).value();
    // The checksum goes up with the type.
    tar[156] = type;
    tar.replace(148, 6,
                absl::StrFormat("%06o", std::stoul(tar.substr(148, 6), nullptr, 8) +
                                            static_cast<size_t>(type - '0')));
    CHECK_THAT(TarTree::Open(Gzip(tar), {.symlinks = Symlinks::kSkip}).status(),
               StatusIs(kInvalid, "tar file entry \"v\" contained unsupported file type"));
  }
}

TEST_CASE("unpacking is bounded in entries, depth and bytes", "[archive]") {
  const std::string archive = Archive({{{.name = "a/b/c"}, "12345"}, {{.name = "d"}, "1"}});
  const auto unpack = [&](const UnpackOptions& options) {
    return TarTree::Open(archive, options).status();
  };
  CHECK(unpack({.max_entries = 2}).ok());
  CHECK_THAT(unpack({.max_entries = 1}), StatusIs(kExhausted, "more than 1 entries"));
  CHECK(unpack({.max_depth = 3}).ok());
  CHECK_THAT(unpack({.max_depth = 2}),
             StatusIs(kExhausted, "\"a/b/c\" is nested more than 2 levels deep"));
  CHECK(unpack({.max_file_bytes = 5}).ok());
  CHECK_THAT(unpack({.max_file_bytes = 4}),
             StatusIs(kExhausted, "\"a/b/c\" is larger than the limit of 4 bytes"));
  CHECK(unpack({.max_bytes = 6 * 512}).ok());
  CHECK_THAT(unpack({.max_bytes = 6 * 512 - 1}), StatusIs(kExhausted, "max archive size"));
}

TEST_CASE("a bomb goes off nowhere", "[archive]") {
  const std::string bomb = Archive({{{.name = "zeros"}, std::string(50'000'000, '\0')}});
  CHECK(bomb.size() < 60'000);
  CHECK_THAT(TarTree::Open(bomb, {.max_file_bytes = 1'000'000}).status(),
             StatusIs(kExhausted, "larger than the limit"));
  CHECK_THAT(TarTree::Open(bomb, {.max_bytes = 1'000'000}).status(),
             StatusIs(kExhausted, "tar \"zeros\" is bigger than max archive size"));
  // Endless headers that are no entries.
  std::string global(512, '\0');
  global.replace(0, 1, "g");
  global.replace(124, 1, "0");
  global.replace(156, 1, "g");
  global.replace(257, 5, "ustar");
  size_t sum = 8 * ' ';
  for (const char c : global) sum += static_cast<unsigned char>(c);
  global.replace(148, 6, absl::StrFormat("%06o", sum));
  std::string headers;
  for (int i = 0; i < 10'000; ++i) headers += global;
  CHECK_THAT(TarTree::Open(Gzip(headers), {.max_bytes = 1'000'000}).status(),
             StatusIs(kExhausted, "bigger than max archive size"));
}

TEST_CASE("what is no archive is refused", "[archive]") {
  CHECK_THAT(TarTree::Open("").status(), StatusIs(kInvalid, "requires gzip-compressed body"));
  CHECK_THAT(TarTree::Open("plain").status(), StatusIs(kInvalid, "requires gzip-compressed body"));
  CHECK_THAT(TarTree::Open(Gzip(std::string(1000, 'x'))).status(), StatusIs(kInvalid, "tar error"));
  const std::string archive = Packed(Sample());
  CHECK_THAT(TarTree::Open(archive.substr(0, archive.size() / 2)).status(),
             StatusIs(kInvalid, "unexpected EOF"));
}

}  // namespace
}  // namespace sluice::archive
