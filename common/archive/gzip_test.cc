// SPDX-License-Identifier: Apache-2.0
#include "common/archive/gzip.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/testing/status_matchers.h"

namespace sluice::archive {
namespace {

using ::sluice::testing::StatusIs;

// Gives one byte at a time, so that every border between reads is met.
class SlowSource : public ByteSource {
 public:
  explicit SlowSource(absl::string_view bytes) : rest_(bytes) {}
  absl::StatusOr<size_t> Read(std::span<char> buffer) override {
    if (rest_.empty()) return 0;
    buffer[0] = rest_[0];
    rest_.remove_prefix(1);
    return 1;
  }

 private:
  absl::string_view rest_;
};

absl::StatusOr<std::string> GunzipSlowly(absl::string_view compressed) {
  SlowSource source(compressed);
  GunzipSource gunzip(source);
  std::string bytes;
  char buffer[3];
  while (true) {
    const absl::StatusOr<size_t> count = gunzip.Read(buffer);
    if (!count.ok()) return count.status();
    if (*count == 0) return bytes;
    bytes.append(buffer, *count);
  }
}

std::string Noise(size_t size) {
  std::string noise;
  uint32_t state = 1;
  for (size_t i = 0; i < size; ++i) {
    state = state * 1664525 + 1013904223;
    noise += static_cast<char>(state >> 24);
  }
  return noise;
}

TEST_CASE("what is compressed comes out again", "[archive]") {
  for (const std::string& bytes :
       {std::string(), std::string("a"), std::string(1'000'000, 'x'), Noise(300'000)}) {
    const std::string compressed = Gzip(bytes);
    CHECK(Gunzip(compressed, bytes.size()).value() == bytes);
    if (bytes.size() < 2) CHECK(GunzipSlowly(compressed).value() == bytes);
  }
  CHECK(Gzip(std::string(1'000'000, 'x')).size() < 2'000);

  // In pieces as in one.
  std::string pieces;
  GzipWriter writer([&](absl::string_view piece) {
    pieces.append(piece.data(), piece.size());
    return absl::OkStatus();
  });
  const std::string bytes = Noise(10'000);
  for (size_t i = 0; i < bytes.size(); i += 7) {
    REQUIRE(writer.Write(absl::string_view(bytes).substr(i, 7)).ok());
  }
  REQUIRE(writer.Write("").ok());
  REQUIRE(writer.Finish().ok());
  CHECK(pieces == Gzip(bytes));
}

TEST_CASE("the gzip header holds nothing that varies", "[archive]") {
  const auto header = [](absl::string_view gzip, size_t size) {
    return absl::BytesToHexString(gzip.substr(0, size));
  };
  CHECK(header(Gzip("a"), 10) == "1f8b08000000000000ff");
  CHECK(header(Gzip("a", {.level = 9}), 10) == "1f8b08000000000002ff");
  const std::string styled = Gzip("a", {.extra = "ab", .comment = "c"});
  CHECK(header(styled, 16) == "1f8b08140000000000ff020061626300");
  CHECK(Gunzip(styled, 1).value() == "a");
}

TEST_CASE("members that follow one another read as one", "[archive]") {
  const std::string two = Gzip("one ") + Gzip("") + Gzip("two");
  CHECK(Gunzip(two, 100).value() == "one two");
  CHECK(GunzipSlowly(two).value() == "one two");
  CHECK_THAT(Gunzip(two + "rest", 100).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "gzip: "));
}

TEST_CASE("what is not gzip, damaged or cut short is refused", "[archive]") {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  for (const char* text :
       {"", "plain text", "\x1f", "\x1f\x8b", "\x1f\x8b\x07\x01\x01\x01\x01\x01\x01\x01"}) {
    CAPTURE(text);
    CHECK_THAT(Gunzip(text, 100).status(), StatusIs(kInvalid, "requires gzip-compressed body"));
    CHECK_THAT(GunzipSlowly(text).status(), StatusIs(kInvalid, "requires gzip-compressed body"));
  }
  const std::string whole = Gzip("some text, some text, some text");
  for (size_t size = 10; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_THAT(Gunzip(whole.substr(0, size), 100).status(), StatusIs(kInvalid, "unexpected EOF"));
  }
  for (size_t i = whole.size() - 8; i < whole.size(); ++i) {  // checksum and length
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    CHECK_THAT(Gunzip(damaged, 100).status(), StatusIs(kInvalid, "gzip: "));
  }
  std::string damaged = whole;
  damaged[10] = '\xff';
  CHECK_THAT(Gunzip(damaged, 100).status(), StatusIs(kInvalid, "gzip: invalid block type"));
}

TEST_CASE("decompressing stops at the limit", "[archive]") {
  const std::string bomb = Gzip(std::string(1'000'000, '\0'));
  CHECK(Gunzip(bomb, 1'000'000)->size() == 1'000'000);
  CHECK_THAT(Gunzip(bomb, 999'999).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "more than 999999 bytes"));
}

TEST_CASE("errors of source and sink come through", "[archive]") {
  class FailingSource : public ByteSource {
    absl::StatusOr<size_t> Read(std::span<char>) override { return absl::UnavailableError("net"); }
  };
  FailingSource source;
  GunzipSource gunzip(source);
  char buffer[8];
  CHECK_THAT(gunzip.Read(buffer).status(), StatusIs(absl::StatusCode::kUnavailable, "net"));

  GzipWriter writer([](absl::string_view) { return absl::UnavailableError("disk"); });
  absl::Status status = writer.Write(Noise(1'000'000));
  CHECK_THAT(status, StatusIs(absl::StatusCode::kUnavailable, "disk"));
}

}  // namespace
}  // namespace sluice::archive
