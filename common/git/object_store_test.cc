// SPDX-License-Identifier: Apache-2.0
#include "common/git/object_store.h"

#include <zlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <stop_token>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/git_testing/repo_builder.h"
#include "common/git_testing/scratch_directory.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::git_testing::RepoBuilder;
using ::sluice::git_testing::ScratchDirectory;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const Context kContext = Context::Background();

std::string Deflate(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string packed(size, '\0');
  REQUIRE(compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                   reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()) == Z_OK);
  packed.resize(size);
  return packed;
}

// A pack of version 2 with `count` entries, and its checksum.
std::string Pack(char count, const std::string& entries) {
  const std::string body =
      absl::StrCat(std::string("PACK\0\0\0\2\0\0\0", 11), std::string(1, count), entries);
  return absl::StrCat(body, crypto::Digest(crypto::Algorithm::kSha1, body));
}

// A blob of up to 15 bytes.
std::string BlobEntry(const std::string& content) {
  return absl::StrCat(std::string(1, static_cast<char>(0x30 | content.size())), Deflate(content));
}

// A number as deltas write it: seven bits a byte, the low ones first.
std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

// The difference of an object from the entry that starts `distance` bytes before, up to 127.
std::string DeltaEntry(const std::string& delta, size_t distance) {
  return absl::StrCat(std::string(1, static_cast<char>(0x60 | delta.size())),
                      std::string(1, static_cast<char>(distance)), Deflate(delta));
}

struct Fixture {
  absl::Status Receive(const std::string& pack, const Context& ctx = kContext) {
    const std::unique_ptr<PackWriter> writer = repo.repository().objects().ReceivePack().value();
    for (char byte : pack) {
      if (absl::Status status = writer->Append(ctx, absl::string_view(&byte, 1)); !status.ok()) {
        return status;
      }
    }
    return writer->Finish(ctx);
  }
  bool NothingLeft() const { return std::filesystem::is_empty(scratch / "r.git/objects/pack"); }
  std::string Content(const std::string& content) {
    const ObjectId id = ObjectId::FromRaw(
        crypto::Digest(crypto::Algorithm::kSha1,
                       absl::StrCat("blob ", content.size(), std::string(1, '\0'), content)));
    const absl::StatusOr<Object> object = repo.repository().objects().Read(id, 1000);
    return object.ok() ? object->bytes : std::string(object.status().message());
  }

  ScratchDirectory scratch;
  RepoBuilder repo{scratch / "r.git"};
};

TEST_CASE("packs are taken, whole objects and differences", "[git]") {
  Fixture f;
  const std::string base = BlobEntry("hello");
  // Copy all of the base, then add "!".
  const std::string delta = absl::StrCat(Varint(5), Varint(6), "\x90\x05", "\x01!");
  CHECK_THAT(f.Receive(Pack(2, base + DeltaEntry(delta, base.size()))), IsOk());
  CHECK(f.Content("hello") == "hello");
  CHECK(f.Content("hello!") == "hello!");
}

TEST_CASE("packs that are damaged leave nothing behind", "[git]") {
  const std::string good = Pack(1, BlobEntry("hello"));
  std::string bad_checksum = good;
  bad_checksum.back() = static_cast<char>(bad_checksum.back() ^ 1);
  std::string bad_content = good;
  bad_content[16] = static_cast<char>(bad_content[16] ^ 0x55);
  for (const std::string& pack :
       {std::string(), std::string("PACK"),
        std::string("JUNK\0\0\0\2\0\0\0\1", 12) + good.substr(12), good.substr(0, good.size() - 5),
        good.substr(0, 15), bad_checksum, bad_content, Pack(2, BlobEntry("hello")),
        Pack(1, BlobEntry("hello") + BlobEntry("more"))}) {
    CAPTURE(pack.size());
    Fixture f;
    CHECK_THAT(f.Receive(pack), StatusIs(absl::StatusCode::kDataLoss));
    CHECK(f.NothingLeft());
    CHECK(absl::StrContains(f.Content("hello"), "not found"));
  }
}

TEST_CASE("an object that claims to be huge is refused before it is made", "[git]") {
  Fixture f;
  const std::string base = BlobEntry("hello");
  const std::string bomb = absl::StrCat(Varint(5), Varint(uint64_t{1} << 30), "\x90\x05");
  CHECK_THAT(f.Receive(Pack(2, base + DeltaEntry(bomb, base.size()))),
             StatusIs(absl::StatusCode::kDataLoss, "memory"));
  CHECK(f.NothingLeft());
}

TEST_CASE("receiving a pack ends with its context", "[git]") {
  Fixture f;
  std::stop_source stop;
  stop.request_stop();
  CHECK_THAT(f.Receive(Pack(1, BlobEntry("hello")), kContext.WithStopToken(stop.get_token())),
             StatusIs(absl::StatusCode::kCancelled));
  CHECK(f.NothingLeft());
}

}  // namespace
}  // namespace sluice::git
