// SPDX-License-Identifier: Apache-2.0
#include "common/git/fetch_protocol.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const ObjectId kWant = ObjectId::Parse(std::string(40, 'a')).value();
const ObjectId kHave = ObjectId::Parse(std::string(40, 'b')).value();

Advertisement Server(int version, std::map<std::string, std::string> capabilities) {
  return {.version = version, .capabilities = std::move(capabilities)};
}

// The packets of `bytes`, one a line.
std::string Lines(absl::string_view bytes) {
  std::string lines;
  PacketReader reader([&lines](const Packet& packet) {
    absl::StrAppend(&lines,
                    packet.kind == Packet::Kind::kFlush       ? "<flush>"
                    : packet.kind == Packet::Kind::kDelimiter ? "<delimiter>"
                                                              : packet.Text(),
                    "\n");
    return absl::OkStatus();
  });
  REQUIRE_THAT(reader.Feed(bytes), IsOk());
  return absl::StrReplaceAll(lines, {{kWant.Hex(), "WANT"}, {kHave.Hex(), "HAVE"}});
}

TEST_CASE("a fetch is one round: wants, borders, haves and done", "[git]") {
  const FetchRequest request{.wants = {kWant}, .haves = {{kHave, true}}, .depth = 1};
  CHECK(Lines(EncodeFetch(Server(0, {{"side-band-64k", ""},
                                     {"multi_ack", ""},
                                     {"multi_ack_detailed", ""},
                                     {"shallow", ""},
                                     {"ofs-delta", ""},
                                     {"agent", "git/2"}}),
                          request)
                  .value()) ==
        "want WANT side-band-64k multi_ack_detailed ofs-delta shallow agent=sluice\n"
        "shallow HAVE\ndeepen 1\n<flush>\nhave HAVE\ndone\n");
  CHECK(Lines(EncodeFetch(Server(2, {{"fetch", "shallow"}, {"object-format", "sha1"}}), request)
                  .value()) ==
        "command=fetch\nobject-format=sha1\n<delimiter>\nthin-pack\nno-progress\nofs-delta\n"
        "want WANT\nshallow HAVE\ndeepen 1\nhave HAVE\ndone\n<flush>\n");
}

TEST_CASE("what the server does not offer is left out", "[git]") {
  const FetchRequest request{.wants = {kWant, kHave}, .depth = 1};
  CHECK(Lines(EncodeFetch(Server(0, {{"side-band", ""}}), request).value()) ==
        "want WANT side-band\nwant HAVE\n<flush>\ndone\n");
  CHECK_THAT(EncodeFetch(Server(0, {}), request).status(),
             StatusIs(absl::StatusCode::kUnimplemented, "side-band"));
  CHECK_THAT(EncodeFetch(Server(2, {{"object-format", "sha256"}}), request).status(),
             StatusIs(absl::StatusCode::kUnimplemented, "sha256"));
}

struct Reading {
  explicit Reading(int version, bool shallow)
      : reader(version, shallow, [this](absl::string_view bytes) {
          absl::StrAppend(&pack, bytes);
          return absl::OkStatus();
        }) {}
  // "" is a flush, "|" a delimiter.
  absl::Status Feed(const std::vector<std::string>& packets) {
    for (const std::string& text : packets) {
      const Packet packet{.kind = text.empty()  ? Packet::Kind::kFlush
                                  : text == "|" ? Packet::Kind::kDelimiter
                                                : Packet::Kind::kData,
                          .payload = text};
      if (absl::Status status = reader.Take(packet); !status.ok()) return status;
    }
    return absl::OkStatus();
  }
  std::string pack;
  FetchResponseReader reader;
};

TEST_CASE("the pack is found behind what comes before it", "[git]") {
  const std::string ack = "ACK " + kHave.Hex();
  struct Row {
    int version;
    bool shallow;
    std::vector<std::string> packets;
  };
  const Row rows[] = {
      {0, false, {"NAK\n", "\1PA", "\2progress", "\1CK", ""}},
      {0, true, {"shallow x\n", "unshallow y\n", "", "NAK\n", "\1PACK", ""}},
      {0, false, {ack + " common\n", ack + " ready\n", ack + "\n", "\1PACK", ""}},
      {2, true, {"shallow-info\n", "shallow x\n", "|", "packfile\n", "\1PACK", ""}},
      {2, false, {"acknowledgments\n", "ready\n", "|", "packfile\n", "\1PACK", ""}},
      {2, false, {"packfile\n", "\1PACK", ""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.version, row.packets.front());
    Reading reading(row.version, row.shallow);
    CHECK_THAT(reading.Feed(row.packets), IsOk());
    CHECK(reading.reader.done());
    CHECK(reading.pack == "PACK");
  }
}

TEST_CASE("refusals and failures are told apart", "[git]") {
  CHECK_THAT(Reading(0, false).Feed({"ERR upload-pack: not our ref x\n"}),
             StatusIs(absl::StatusCode::kFailedPrecondition, "not our ref"));
  CHECK_THAT(Reading(2, false).Feed({"packfile\n", "\3disk is full\n"}),
             StatusIs(absl::StatusCode::kUnavailable, "disk is full"));
  for (const std::vector<std::string>& packets : std::vector<std::vector<std::string>>{
           {"hello\n"}, {""}, {"NAK\n", "\4x"}, {"NAK\n", "PACK"}}) {
    CAPTURE(packets.front());
    CHECK_THAT(Reading(0, false).Feed(packets), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  CHECK_THAT(Reading(2, false).Feed({""}), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace sluice::git
