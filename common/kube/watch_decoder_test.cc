// SPDX-License-Identifier: Apache-2.0
#include "common/kube/watch_decoder.h"

#include <catch2/catch.hpp>

#include "common/kube/object.h"
#include "common/testing/status_matchers.h"

namespace sluice::kube {
namespace {

using ::sluice::testing::StatusIs;

constexpr char kTwoEvents[] =
    R"({"type":"ADDED","object":{"metadata":{"name":"a"}}}
{"type":"DELETED","object":{"metadata":{"name":"b"}}}
)";

TEST_CASE("events are found wherever the network cuts the body", "[kube]") {
  for (size_t cut = 1; cut < sizeof(kTwoEvents) - 1; ++cut) {
    CAPTURE(cut);
    std::vector<std::string> seen;
    WatchDecoder decoder([&](WatchEvent event) {
      seen.push_back(std::string(Name(event.object)));
      return absl::OkStatus();
    });
    const absl::string_view body(kTwoEvents);
    REQUIRE(decoder.Feed(body.substr(0, cut)).ok());
    REQUIRE(decoder.Feed(body.substr(cut)).ok());
    CHECK(seen == std::vector<std::string>{"a", "b"});
  }
}

TEST_CASE("an expired watch, garbage and endless lines end the stream", "[kube]") {
  const auto ignore = [](WatchEvent) { return absl::OkStatus(); };
  WatchDecoder expired(ignore);
  CHECK_THAT(expired.Feed(R"({"type":"ERROR","object":{"kind":"Status","code":410,)"
                          R"("reason":"Expired","message":"too old resource version"}})"
                          "\n"),
             StatusIs(absl::StatusCode::kOutOfRange, "too old resource version"));
  WatchDecoder garbage(ignore);
  CHECK_THAT(garbage.Feed("<html>\n"), StatusIs(absl::StatusCode::kInvalidArgument, "decode"));
  WatchDecoder endless(ignore);
  const std::string piece(1 << 20, 'x');
  absl::Status status;
  for (int i = 0; i < 17 && status.ok(); ++i) status = endless.Feed(piece);
  CHECK_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, "longer than"));
}

}  // namespace
}  // namespace sluice::kube
