// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/archive/tar_format.h"
#include "common/archive/tar_reader.h"
#include "common/archive/tar_writer.h"
#include "common/testing/status_matchers.h"

namespace sluice::archive {
namespace {

using ::sluice::testing::StatusIs;
using Type = TarEntry::Type;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr uint64_t kPlenty = uint64_t{1} << 40;

struct Content {
  TarEntry entry;
  std::string bytes;
};

absl::StatusOr<std::vector<Content>> ReadAll(absl::string_view tar, uint64_t max_bytes = kPlenty) {
  MemorySource source(tar);
  TarReader reader(source, max_bytes);
  std::vector<Content> all;
  while (true) {
    auto entry = reader.Next();
    if (!entry.ok()) return entry.status();
    if (!entry->has_value()) return all;
    all.push_back({**std::move(entry), ""});
    char buffer[100];
    while (true) {
      const absl::StatusOr<size_t> count = reader.Read(buffer);
      if (!count.ok()) return count.status();
      if (*count == 0) break;
      all.back().bytes.append(buffer, *count);
    }
  }
}

absl::StatusOr<std::string> Written(const std::vector<Content>& contents) {
  std::string tar;
  TarWriter writer([&](absl::string_view bytes) {
    tar.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  });
  for (const Content& content : contents) {
    if (absl::Status status = writer.Begin(content.entry); !status.ok()) return status;
    if (absl::Status status = writer.Write(content.bytes); !status.ok()) return status;
  }
  if (absl::Status status = writer.Finish(); !status.ok()) return status;
  return tar;
}

// A header block with these fields, "ustar" magic unless changed, checksummed after `change`.
std::string Block(absl::string_view name, char type, absl::string_view size,
                  const std::function<void(std::string&)>& change = nullptr) {
  std::string block(kBlockBytes, '\0');
  const auto put = [&](const Field& field, absl::string_view text) {
    block.replace(field.offset, text.size(), text.data(), text.size());
  };
  put(kName, name);
  put(kMode, "0000644");
  put(kSize, size);
  put(kTime, "00000000017");
  put(kType, absl::string_view(&type, 1));
  put(kMagic, kUstarMagic);
  if (change) change(block);
  put(kChecksum, absl::StrFormat("%06o", ChecksumOf(block)));
  return block;
}

std::string Padded(std::string bytes) {
  bytes.append(PaddingOf(bytes.size()), '\0');
  return bytes;
}

std::string Extended(char type, const std::string& text) {
  return Block("ext", type, absl::StrFormat("%011o", text.size())) + Padded(text);
}

const std::string& End() {
  static const std::string end(2 * kBlockBytes, '\0');
  return end;
}

TEST_CASE("what is written is read again", "[archive]") {
  const std::string deep = "d/" + std::string(99, 'x') + "/" + std::string(100, 'y');
  const std::vector<Content> contents = {
      {{.name = ".", .type = Type::kDirectory, .mode = 0750}, ""},
      {{.name = "a", .mode = 0600, .size = 5, .mtime = 1'700'000'000}, "hello"},
      {{.name = "empty", .mode = 0700}, ""},
      {{.name = "block", .mode = 0644, .size = 512}, std::string(512, 'b')},
      {{.name = "link", .type = Type::kSymlink, .mode = 0777, .link_target = "a"}, ""},
      {{.name = "hard", .type = Type::kHardLink, .link_target = "a"}, ""},
      {{.name = std::string(100, 'n')}, ""},                                // fits the name
      {{.name = std::string(155, 'p') + "/" + std::string(100, 'n')}, ""},  // and the prefix
      {{.name = deep}, ""},
      {{.name = std::string(101, 'l'), .size = 1}, "x"},  // no slash to cut at
      {{.name = std::string(156, 'p') + "/n"}, ""},
      {{.name = std::string(300, 'l') + "/ü", .size = 1}, "y"},
      {{.name = "l2", .type = Type::kSymlink, .link_target = std::string(101, 't')}, ""},
      {{.name = "l3", .type = Type::kSymlink, .link_target = "zü"}, ""},
      {{.name = "last", .size = 1}, "z"},
  };
  const std::string tar = Written(contents).value();
  CHECK(tar.size() % kBlockBytes == 0);
  const std::vector<Content> read = ReadAll(tar).value();
  REQUIRE(read.size() == contents.size());
  for (size_t i = 0; i < read.size(); ++i) {
    CAPTURE(contents[i].entry.name);
    CHECK(read[i].entry.name == contents[i].entry.name);
    CHECK(read[i].entry.type == contents[i].entry.type);
    CHECK(read[i].entry.mode == contents[i].entry.mode);
    CHECK(read[i].entry.size == contents[i].entry.size);
    CHECK(read[i].entry.mtime == contents[i].entry.mtime);
    CHECK(read[i].entry.link_target == contents[i].entry.link_target);
    CHECK(read[i].bytes == contents[i].bytes);
  }
}

TEST_CASE("a header has the layout of USTAR", "[archive]") {
  const std::string tar =
      Written({{{.name = "d/f", .mode = 0600, .size = 1, .mtime = 8}, "x"}}).value();
  std::string expected(kBlockBytes, '\0');
  const auto put = [&](size_t offset, absl::string_view text) {
    expected.replace(offset, text.size(), text.data(), text.size());
  };
  put(0, "d/f");
  put(100, "0000600");
  put(108, "0000000");
  put(116, "0000000");
  put(124, "00000000001");
  put(136, "00000000010");
  put(148, absl::string_view("007560\0 ", 8));
  put(156, "0");
  put(257, absl::string_view("ustar\0"
                             "00",
                             8));
  put(329, "0000000");
  put(337, "0000000");
  CHECK(tar == expected + Padded("x") + End());
}

TEST_CASE("a file too large for USTAR is announced in a PAX record", "[archive]") {
  std::string tar;
  TarWriter writer([&](absl::string_view bytes) {
    tar.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  });
  const uint64_t largest = (uint64_t{8} << 30) - 1;
  REQUIRE(writer.Begin({.name = "f", .size = largest}).ok());
  CHECK(tar.size() == kBlockBytes);
  CHECK(kSize.In(tar) == absl::string_view("77777777777\0", 12));

  std::string large;
  TarWriter second([&](absl::string_view bytes) {
    large.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  });
  REQUIRE(second.Begin({.name = "f", .size = largest + 1}).ok());
  CHECK(large.size() == 3 * kBlockBytes);
  CHECK(large.substr(kBlockBytes, 19) == "19 size=8589934592\n");
  MemorySource source(large);
  TarReader reader(source, kPlenty);
  CHECK((*reader.Next())->size == largest + 1);
}

TEST_CASE("the length of a PAX record counts itself", "[archive]") {
  for (size_t size = 80; size < 100; ++size) {
    const std::string name(size - 1, 'a');
    const std::string tar = Written({{{.name = name + "ü"}, ""}}).value();
    CHECK(ReadAll(tar)->front().entry.name == name + "ü");
  }
}

TEST_CASE("the writer refuses what it cannot hold", "[archive]") {
  for (const TarEntry& entry :
       {TarEntry{.name = ""}, TarEntry{.name = "d", .type = Type::kOther},
        TarEntry{.name = "t", .mtime = -1}, TarEntry{.name = std::string("a\0b", 3)},
        TarEntry{.name = "l", .type = Type::kSymlink, .link_target = std::string("\0", 1)}}) {
    CHECK_THAT(Written({{entry, ""}}).status(), StatusIs(kInvalid, "tar cannot hold"));
  }
  constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
  CHECK_THAT(Written({{{.name = "a", .size = 2}, "x"}}).status(), StatusIs(kPrecondition, "less"));
  CHECK_THAT(Written({{{.name = "a", .size = 1}, "xy"}}).status(), StatusIs(kPrecondition, "more"));
}

TEST_CASE("older and foreign forms are read", "[archive]") {
  const auto v7 = [](std::string& block) { block.replace(257, 8, std::string(8, '\0')); };
  const auto gnu = [](std::string& block) {
    block.replace(257, 7, "ustar  ");
    block[264] = '\0';
  };
  const auto prefix = [](std::string& block) { block.replace(345, 3, "pre"); };
  struct Row {
    const char* what;
    std::string tar;
    TarEntry entry;
  };
  const Row rows[] = {
      {"V7 file", Block("f", '\0', "00000000000", v7), {.name = "f"}},
      {"V7 directory", Block("d/", '\0', "0", v7), {.name = "d/", .type = Type::kDirectory}},
      {"contiguous file", Block("f", '7', "0"), {.name = "f"}},
      {"unknown type", Block("f", 'Z', "0"), {.name = "f"}},
      {"prefix", Block("f", '0', "0", prefix), {.name = "pre/f"}},
      {"no prefix in GNU's",
       Block("f", '0', "0",
             [&](std::string& block) {
               gnu(block);
               prefix(block);
             }),
       {.name = "f"}},
      {"GNU long name",
       Extended('L', std::string(200, 'n') + std::string("\0", 1)) + Block("n", '0', "0", gnu),
       {.name = std::string(200, 'n')}},
      {"GNU long link",
       Extended('K', std::string(200, 't') + std::string("\0", 1)) + Block("l", '2', "0", gnu),
       {.name = "l", .type = Type::kSymlink, .link_target = std::string(200, 't')}},
      {"PAX path",
       Extended('x',
                "13 path=ä/b\n"
                "10 x.y=zz\n") +
           Block("f", '0', "0"),
       {.name = "ä/b"}},
      {"global PAX header", Extended('g', "11 path=zz\n") + Block("f", '0', "0"), {.name = "f"}},
      {"blanks around numbers", Block("f", '0', "         0 "), {.name = "f"}},
      {"a link has no content",
       Block("l", '1', "00000001000"),
       {.name = "l", .type = Type::kHardLink}},
      {"a device", Block("v", '3', "0"), {.name = "v", .type = Type::kOther}},
      {"a FIFO", Block("p", '6', "0"), {.name = "p", .type = Type::kOther}},
      {"type in the mode",
       Block("l", '0', "0", [](std::string& block) { block.replace(100, 7, "0120644"); }),
       {.name = "l", .type = Type::kSymlink}},
      {"directory in the mode",
       Block("d", '0', "0", [](std::string& block) { block.replace(100, 7, "0040644"); }),
       {.name = "d", .type = Type::kDirectory}},
      {"file in the mode",
       Block("f", '0', "0", [](std::string& block) { block.replace(100, 7, "0100644"); }),
       {.name = "f"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    for (const std::string& end : {End(), std::string(kBlockBytes, '\0'), std::string()}) {
      const auto read = ReadAll(row.tar + end);
      REQUIRE(read.ok());
      REQUIRE(read->size() == 1);
      const TarEntry& entry = read->front().entry;
      CHECK(entry.name == row.entry.name);
      CHECK(entry.type == row.entry.type);
      CHECK(entry.mode == 0644);
      CHECK(entry.size == 0);
      CHECK(entry.mtime == 15);
      CHECK(entry.link_target == row.entry.link_target);
    }
  }

  // Sizes: base-256, and overruled by a PAX record.
  const std::string large(12, '\0');
  std::string base256 = large;
  base256[0] = '\x80';
  base256[11] = 3;
  CHECK(ReadAll(Block("f", '0', base256) + Padded("abc") + End())->front().bytes == "abc");
  CHECK(ReadAll(Extended('x', "9 size=2\n") + Block("f", '0', "7") + Padded("ab") + End())
            ->front()
            .bytes == "ab");
  // A checksum over signed bytes.
  std::string signed_sum = Block("f\xff", '0', "0");
  signed_sum.replace(148, 6, absl::StrFormat("%06o", SignedChecksumOf(signed_sum)));
  CHECK(ReadAll(signed_sum)->front().entry.name == "f\xff");
  CHECK(ReadAll("")->empty());
  CHECK(ReadAll(End() + "anything")->empty());
}

TEST_CASE("a damaged archive is refused", "[archive]") {
  const std::string good = Block("f", '0', "00000000003") + Padded("abc") + End();
  REQUIRE(ReadAll(good).ok());
  for (const size_t size : {1, 100, 511, 513, 514, 600, 1023, 1025, 1535}) {
    CAPTURE(size);
    CHECK_THAT(ReadAll(good.substr(0, size)).status(), StatusIs(kInvalid, "tar error: "));
  }
  std::string base256_negative(12, '\xff');
  std::string base256_huge(12, '\0');
  base256_huge[0] = '\x80';
  base256_huge[3] = 1;
  struct Row {
    const char* what;
    std::string tar;
  };
  const Row rows[] = {
      {"noise", std::string(2048, 'x')},
      {"checksum", Block("f", '0', "0").replace(0, 1, "g")},
      {"no checksum", Block("f", '0', "0").replace(148, 8, std::string(8, '\0'))},
      {"size with other digits", Block("f", '0', "00000000009")},
      {"negative size", Block("f", '0', base256_negative)},
      {"huge size", Block("f", '0', base256_huge)},
      {"mode", Block("f", '0', "0", [](std::string& block) { block[100] = '-'; })},
      {"one zero block and more", std::string(kBlockBytes, '\0') + good},
      {"old sparse file", Block("f", 'S', "0")},
      {"PAX sparse file", Extended('x', "22 GNU.sparse.major=1\n") + Block("f", '0', "0")},
      {"record without length", Extended('x', " path=a\n")},
      {"record of other length", Extended('x', "8 path=a\n")},
      {"record past the end", Extended('x', "99 path=a\n")},
      {"record of length 0", Extended('x', "0 path=a\n")},
      {"record without line feed", Extended('x', "10 path=abc")},
      {"record without key", Extended('x', "5 =a\n")},
      {"record without value", Extended('x', "8 patha\n")},
      {"NUL in a path", Extended('x', std::string("11 path=a\0b\n", 12).replace(0, 2, "12"))},
      {"size that is no number", Extended('x', "10 size=ab\n").replace(512, 2, "11")},
      {"negative PAX size", Extended('x', "11 size=-1\n")},
      {"huge PAX size", Extended('x', "28 size=9223372036854775807\n")},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK_THAT(ReadAll(row.tar + Block("f", '0', "0") + End()).status(),
               StatusIs(kInvalid, "tar error: "));
  }
}

TEST_CASE("reading is bounded", "[archive]") {
  const std::string tar = Block("f", '0', "00000000003") + Padded("abc") + End();
  CHECK(ReadAll(tar, tar.size()).ok());
  CHECK_THAT(ReadAll(tar, tar.size() - 1).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "bigger than max archive size"));
  // A header that promises too much is refused before its content is read.
  MemorySource source(tar);
  TarReader reader(source, kBlockBytes + 2);
  CHECK_THAT(reader.Next().status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "tar \"f\" is bigger than max"));

  const std::string name(kMaxTarHeaderBytes, 'n');
  CHECK(ReadAll(Extended('L', name) + Block("f", '0', "0"))->front().entry.name == name);
  CHECK_THAT(ReadAll(Extended('L', name + "n") + Block("f", '0', "0")).status(),
             StatusIs(kInvalid, "extended header is too large"));
}

}  // namespace
}  // namespace sluice::archive
