// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/git.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/archive/gzip.h"
#include "common/crypto/digest.h"
#include "common/git/pkt_line.h"

namespace sluice::hostile {
namespace {

constexpr int kRefDelta = 7;

std::string BigEndian(uint32_t number) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(number >> shift));
  return bytes;
}

uint32_t Adler32(absl::string_view bytes) {
  uint32_t a = 1;
  uint32_t b = 0;
  for (const char c : bytes) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

// gzip and zlib differ in what stands around the same compressed bytes.
std::string Deflate(absl::string_view bytes) {
  constexpr size_t kGzipHeader = 10;
  constexpr size_t kGzipTrailer = 8;
  const std::string gzip = archive::Gzip(bytes);
  return absl::StrCat("\x78\x9c",
                      gzip.substr(kGzipHeader, gzip.size() - kGzipHeader - kGzipTrailer),
                      BigEndian(Adler32(bytes)));
}

std::string LittleVarint(uint64_t number) {
  std::string bytes;
  do {
    bytes.push_back(static_cast<char>((number & 0x7f) | (number > 0x7f ? 0x80 : 0)));
    number >>= 7;
  } while (number > 0);
  return bytes;
}

int PackType(git::ObjectType type) {
  switch (type) {
    case git::ObjectType::kCommit:
      return 1;
    case git::ObjectType::kTree:
      return 2;
    case git::ObjectType::kBlob:
      return 3;
    case git::ObjectType::kTag:
      return 4;
  }
  return 0;
}

void AppendPackets(std::string& out, absl::string_view band, absl::string_view bytes) {
  constexpr size_t kPiece = 60000;
  while (!bytes.empty()) {
    git::AppendPacket(&out, absl::StrCat(band, bytes.substr(0, kPiece)));
    bytes.remove_prefix(std::min(bytes.size(), kPiece));
  }
}

}  // namespace

void Pack::AddEntry(int type, uint64_t size, absl::string_view prefix, absl::string_view bytes) {
  uint64_t rest = size >> 4;
  std::string header(1, static_cast<char>(type << 4 | (size & 15) | (rest > 0 ? 0x80 : 0)));
  if (rest > 0) header += LittleVarint(rest);
  absl::StrAppend(&entries_, header, prefix, Deflate(bytes));
  ++count_;
}

git::ObjectId Pack::Add(git::ObjectType type, absl::string_view bytes) {
  return AddClaiming(type, bytes.size(), bytes);
}

git::ObjectId Pack::AddTree(const std::vector<git::TreeEntry>& entries) {
  std::string bytes;
  for (const git::TreeEntry& entry : entries) {
    absl::StrAppendFormat(&bytes, "%o %s", entry.mode, entry.name);
    bytes.push_back('\0');
    absl::StrAppend(&bytes, entry.id.Raw());
  }
  return Add(git::ObjectType::kTree, bytes);
}

git::ObjectId Pack::AddCommit(const git::ObjectId& tree) {
  git::Commit commit;
  commit.tree = tree;
  commit.author = {.name = "Eve", .email = "eve@example.com"};
  commit.committer = commit.author;
  commit.message = "hostile\n";
  return Add(git::ObjectType::kCommit, git::SerializeCommit(commit));
}

git::ObjectId Pack::AddClaiming(git::ObjectType type, uint64_t size, absl::string_view bytes) {
  AddEntry(PackType(type), size, "", bytes);
  std::string object = absl::StrCat(git::ObjectTypeName(type), " ", size);
  object.push_back('\0');
  absl::StrAppend(&object, bytes);
  return git::ObjectId::FromRaw(crypto::Digest(crypto::Algorithm::kSha1, object));
}

void Pack::AddDelta(const git::ObjectId& base, absl::string_view delta) {
  AddEntry(kRefDelta, delta.size(), base.Raw(), delta);
}

std::string Pack::Bytes(const PackLies& lies) const {
  std::string bytes =
      absl::StrCat("PACK", BigEndian(2), BigEndian(lies.count.value_or(count_)), entries_);
  std::string checksum = crypto::Digest(crypto::Algorithm::kSha1, bytes);
  if (lies.bad_checksum) checksum[0] = static_cast<char>(checksum[0] ^ 1);
  bytes += checksum;
  bytes.resize(bytes.size() - std::min(bytes.size(), lies.cut));
  return bytes;
}

std::string CopyingDelta(uint64_t base_size, uint64_t result_size, uint32_t step) {
  std::string delta = LittleVarint(base_size) + LittleVarint(result_size);
  for (uint64_t left = result_size; left > 0;) {
    const auto count = static_cast<uint32_t>(std::min<uint64_t>(left, step));
    // Copy from offset 0; the three bytes of the length follow.
    delta.push_back(static_cast<char>(0x80 | 0x70));
    for (const int shift : {0, 8, 16}) delta.push_back(static_cast<char>(count >> shift));
    left -= count;
  }
  return delta;
}

http::Headers AdvertisementHeaders() {
  return {{"Content-Type", "application/x-git-upload-pack-advertisement"}};
}

http::Headers ResultHeaders() { return {{"Content-Type", "application/x-git-upload-pack-result"}}; }

std::string Advertisement(const git::ObjectId& tip, bool complete) {
  std::string out;
  git::AppendPacket(&out, "# service=git-upload-pack\n");
  absl::StrAppend(&out, git::kFlushPacket);
  std::string first = absl::StrCat(tip.Hex(), " HEAD");
  first.push_back('\0');
  absl::StrAppend(&first,
                  "side-band-64k ofs-delta shallow no-progress allow-any-sha1-in-want "
                  "symref=HEAD:refs/heads/main agent=hostile/1\n");
  git::AppendPacket(&out, first);
  git::AppendPacket(&out, absl::StrCat(tip.Hex(), " refs/heads/main\n"));
  if (complete) absl::StrAppend(&out, git::kFlushPacket);
  return out;
}

std::string FetchAnswer(const git::ObjectId& tip, absl::string_view pack, bool complete) {
  std::string out;
  git::AppendPacket(&out, absl::StrCat("shallow ", tip.Hex(), "\n"));
  absl::StrAppend(&out, git::kFlushPacket);
  git::AppendPacket(&out, "NAK\n");
  AppendPackets(out, "\x01", pack);
  if (complete) absl::StrAppend(&out, git::kFlushPacket);
  return out;
}

void ServeGit(Server& server, const std::string& path, const git::ObjectId& tip, const Pack& pack,
              const PackLies& lies) {
  ServeGit(server, path, tip, pack.Bytes(lies));
}

void ServeGit(Server& server, const std::string& path, const git::ObjectId& tip,
              const std::string& pack) {
  server.On(path + kInfoRefs, Reply(200, AdvertisementHeaders(), Advertisement(tip)));
  server.On(path + kUploadPack, Reply(200, ResultHeaders(), FetchAnswer(tip, pack)));
}

}  // namespace sluice::hostile
