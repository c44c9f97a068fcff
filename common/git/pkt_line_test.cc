// SPDX-License-Identifier: Apache-2.0
#include "common/git/pkt_line.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

// Packets as text: the payload, or "<flush>" and so on.
struct Collector {
  std::vector<std::string> packets;
  PacketReader reader{[this](const Packet& packet) {
    switch (packet.kind) {
      case Packet::Kind::kData:
        packets.push_back(std::string(packet.payload));
        break;
      case Packet::Kind::kFlush:
        packets.push_back("<flush>");
        break;
      case Packet::Kind::kDelimiter:
        packets.push_back("<delimiter>");
        break;
      case Packet::Kind::kResponseEnd:
        packets.push_back("<end>");
        break;
    }
    return absl::OkStatus();
  }};
};

TEST_CASE("packets come out whole, whatever the pieces", "[git]") {
  std::string stream;
  AppendPacket(&stream, "hello\n");
  absl::StrAppend(&stream, kFlushPacket);
  AppendPacket(&stream, "");
  absl::StrAppend(&stream, kDelimiterPacket, "0002");
  AppendPacket(&stream, std::string(kMaxPacketPayload, 'x'));
  const std::vector<std::string> expected = {
      "hello\n", "<flush>", "", "<delimiter>", "<end>", std::string(kMaxPacketPayload, 'x')};

  for (size_t piece : {size_t{1}, size_t{3}, size_t{4}, size_t{5}, size_t{1000}, stream.size()}) {
    CAPTURE(piece);
    Collector collector;
    for (size_t at = 0; at < stream.size(); at += piece) {
      REQUIRE_THAT(collector.reader.Feed(absl::string_view(stream).substr(at, piece)), IsOk());
    }
    CHECK(collector.packets == expected);
    CHECK(collector.reader.AtBoundary());
  }
}

TEST_CASE("a packet that is not all there is waited for", "[git]") {
  Collector collector;
  CHECK_THAT(collector.reader.Feed("0009ab"), IsOk());
  CHECK(collector.packets.empty());
  CHECK_FALSE(collector.reader.AtBoundary());
}

TEST_CASE("bytes that are no packets are refused", "[git]") {
  for (const char* bytes : {"<!DOCTYPE html>", "0003", "fff1", "ffff", "00 5a", "-001"}) {
    CAPTURE(bytes);
    CHECK_THAT(Collector().reader.Feed(bytes), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_CASE("a callback's error ends the reading", "[git]") {
  int calls = 0;
  PacketReader reader([&calls](const Packet&) {
    ++calls;
    return absl::AbortedError("enough");
  });
  CHECK_THAT(reader.Feed("00000000"), StatusIs(absl::StatusCode::kAborted, "enough"));
  CHECK(calls == 1);
}

TEST_CASE("text from the other side is made fit to print", "[git]") {
  CHECK(RemoteText("  fatal:\tx\n\x1b[31m \xff \n") == "fatal: x ?[31m ?");
  CHECK(RemoteText(std::string(10000, 'a')).size() == 500);
}

}  // namespace
}  // namespace sluice::git
