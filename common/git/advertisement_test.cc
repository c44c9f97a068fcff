// SPDX-License-Identifier: Apache-2.0
#include "common/git/advertisement.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const std::string kA(40, 'a');
const std::string kB(40, 'b');

// Feeds lines as packets; "" is a flush.
template <typename Reader>
absl::Status FeedLines(Reader& reader, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    const Packet packet{.kind = line.empty() ? Packet::Kind::kFlush : Packet::Kind::kData,
                        .payload = line};
    if (absl::Status status = reader.Take(packet); !status.ok()) return status;
  }
  return absl::OkStatus();
}

std::string WithCapabilities(absl::string_view line, absl::string_view capabilities) {
  return absl::StrCat(line, std::string(1, '\0'), capabilities, "\n");
}

TEST_CASE("version 0 advertises references, with tags peeled", "[git]") {
  AdvertisementReader reader(100);
  REQUIRE_THAT(
      FeedLines(reader,
                {"# service=git-upload-pack\n", "",
                 WithCapabilities(kA + " HEAD", "shallow symref=HEAD:refs/heads/main agent=x/1"),
                 kA + " refs/heads/main\n", kB + " refs/heads/../evil\n", kB + " refs/tags/v1\n",
                 kA + " refs/tags/v1^{}\n", "shallow " + kA, ""}),
      IsOk());
  CHECK(reader.done());
  const Advertisement& server = reader.result();
  CHECK(server.version == 0);
  CHECK(server.Has("shallow"));
  CHECK_FALSE(server.Has("thin-pack"));
  REQUIRE(server.refs.size() == 3);
  CHECK(server.refs[0].symref_target == "refs/heads/main");
  CHECK(server.refs[2].name == "refs/tags/v1");
  CHECK(server.refs[2].id.Hex() == kB);
  CHECK(server.refs[2].Commit().Hex() == kA);
}

TEST_CASE("an empty repository advertises nothing, in either way", "[git]") {
  AdvertisementReader bare(100);
  CHECK_THAT(FeedLines(bare, {""}), IsOk());
  CHECK(bare.done());
  AdvertisementReader capable(100);
  CHECK_THAT(
      FeedLines(capable, {WithCapabilities(absl::StrCat(std::string(40, '0'), " capabilities^{}"),
                                           "side-band-64k"),
                          ""}),
      IsOk());
  CHECK(capable.result().refs.empty());
  CHECK(capable.result().Has("side-band-64k"));
}

TEST_CASE("version 2 advertises capabilities and lists on demand", "[git]") {
  AdvertisementReader reader(100);
  REQUIRE_THAT(FeedLines(reader, {"version 2\n", "ls-refs=unborn\n", "fetch=shallow filter\n",
                                  "object-format=sha1\n", ""}),
               IsOk());
  CHECK(reader.result().version == 2);
  CHECK(reader.result().Has("fetch", "shallow"));
  CHECK_FALSE(reader.result().Has("fetch", "shal"));

  RefListReader list(100);
  REQUIRE_THAT(FeedLines(list, {kA + " HEAD symref-target:refs/heads/main\n",
                                kB + " refs/tags/v1 peeled:" + kA + "\n", "unborn HEAD\n", ""}),
               IsOk());
  CHECK(list.done());
  REQUIRE(list.result().size() == 2);
  CHECK(list.result()[0].symref_target == "refs/heads/main");
  CHECK(list.result()[1].Commit().Hex() == kA);
}

TEST_CASE("listings are bounded", "[git]") {
  AdvertisementReader reader(2);
  CHECK_THAT(FeedLines(reader, {WithCapabilities(kA + " HEAD", "x"), kA + " refs/heads/a\n",
                                kA + " refs/heads/b\n"}),
             StatusIs(absl::StatusCode::kResourceExhausted, "more than 2 references"));
  RefListReader list(1);
  CHECK_THAT(FeedLines(list, {kA + " refs/heads/a\n", kA + " refs/heads/b\n"}),
             StatusIs(absl::StatusCode::kResourceExhausted, "more than 1 references"));
}

TEST_CASE("what is no advertisement is refused", "[git]") {
  for (const std::vector<std::string>& lines :
       std::vector<std::vector<std::string>>{{"hello\n"},
                                             {kA},
                                             {kA + " "},
                                             {"zz" + kA.substr(2) + " refs/heads/main\n"},
                                             {"# service=git-upload-pack\n", kA + " HEAD\n"}}) {
    AdvertisementReader reader(100);
    CAPTURE(lines.front());
    CHECK_THAT(FeedLines(reader, lines), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_CASE("the server's own errors are told", "[git]") {
  AdvertisementReader missing(100);
  CHECK_THAT(FeedLines(missing, {"ERR Repository not found.\n"}),
             StatusIs(absl::StatusCode::kNotFound, "repository not found"));
  AdvertisementReader broken(100);
  CHECK_THAT(FeedLines(broken, {"ERR go away\n"}),
             StatusIs(absl::StatusCode::kFailedPrecondition, "go away"));
}

TEST_CASE("reference names follow git-check-ref-format", "[git]") {
  for (const char* name :
       {"HEAD", "refs/heads/main", "refs/pull/1/head", "refs/heads/feature/x-1"}) {
    CAPTURE(name);
    CHECK(IsValidRefName(name));
  }
  for (const char* name :
       {"", "main", "refs/", "refs//x", "refs/heads/", "refs/heads/a..b", "refs/heads/.a",
        "refs/heads/a.lock", "refs/heads/a.lock/b", "refs/heads/a b", "refs/heads/a~1",
        "refs/heads/a^", "refs/heads/a:b", "refs/heads/a\\b", "refs/heads/a@{b", "refs/heads/a.",
        "refs/../../x", "refs/heads/\x01"}) {
    CAPTURE(name);
    CHECK_FALSE(IsValidRefName(name));
  }
}

}  // namespace
}  // namespace sluice::git
