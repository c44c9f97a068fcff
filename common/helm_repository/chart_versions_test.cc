// SPDX-License-Identifier: Apache-2.0
#include "common/helm_repository/chart_versions.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::helm_repository {
namespace {

using ::sluice::testing::StatusIs;

constexpr char kIndex[] = R"({
  "apiVersion": "v1",
  "generated": "0001-01-01T00:00:00Z",
  "entries": {
    "a\u0026b": [],
    "none": null,
    "web": [
      {
        "name": "web",
        "version": "2.0.0",
        "description": "\"none\": [",
        "urls": [
          "web-2.0.0.tgz",
          "other"
        ],
        "created": "2024-01-01T00:00:00Z"
      },
      {
        "name": "web",
        "version": "1.0.0",
        "urls": null,
        "created": "0001-01-01T00:00:00Z"
      }
    ]
  }
})";

absl::StatusOr<std::optional<ChartVersions>> Find(absl::string_view chart, size_t block,
                                                  size_t most = 1 << 20) {
  ChartFinder finder(chart);
  for (absl::string_view rest = kIndex; !rest.empty();) {
    const auto more = finder.Feed(rest.substr(0, block), most);
    if (!more.ok()) return more.status();
    if (!*more) break;
    rest.remove_prefix(std::min(block, rest.size()));
  }
  return finder.Finish();
}

TEST_CASE("one chart is found in a stored index", "[helm_repository]") {
  for (const size_t block : {size_t{1}, size_t{5}, size_t{64}, size_t{100000}}) {
    CAPTURE(block);
    const auto web = Find("web", block);
    REQUIRE(web.ok());
    REQUIRE(web->has_value());
    REQUIRE((*web)->size() == 2);
    CHECK((**web)[0].version == "2.0.0");
    CHECK((**web)[0].url == "web-2.0.0.tgz");
    CHECK((**web)[1].url == "");
    CHECK(Find("a&b", block).value()->empty());
    CHECK(Find("none", block).value()->empty());
    CHECK_FALSE(Find("we", block)->has_value());
    CHECK_FALSE(Find("name", block)->has_value());
  }
  CHECK_THAT(Find("web", 50, 100).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "larger than 100 bytes"));
}

ChartVersions Versions(std::vector<std::pair<const char*, int>> list) {
  ChartVersions versions;
  for (const auto& [version, created] : list) {
    versions.push_back({version, "", absl::FromUnixSeconds(created)});
  }
  return versions;
}

// The reference's own table (spec/source.md §9 item 27).
TEST_CASE("a range chooses a version", "[helm_repository]") {
  const ChartVersions versions = Versions({{"1.1.0-beta", 0},
                                           {"1.0.0", 0},
                                           {"0.1.5+b.min.minute", 5},
                                           {"0.1.5+c.now", 9},
                                           {"0.1.5+a.min.hour", 1},
                                           {"0.1.1", 0},
                                           {"0.1.0", 0},
                                           {"1.0", 0}});
  struct Row {
    const char* wanted;
    const char* expected;
  };
  const Row rows[] = {
      {"", "1.0.0"},
      {"*", "1.0.0"},
      {"<0.1.5", "0.1.1"},
      {"0.1.0", "0.1.0"},
      {"1.0", "1.0"},
      {"0.1.5", "0.1.5+c.now"},
      {">=1.0.0-0", "1.1.0-beta"},
      {"0.1.5+a.min.hour", "0.1.5+a.min.hour"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.wanted);
    CHECK(ChooseVersion(versions, "web", row.wanted)->version == row.expected);
  }
}

TEST_CASE("a version that is not there is told with the range", "[helm_repository]") {
  const ChartVersions versions = Versions({{"1.0.0", 0}});
  CHECK_THAT(
      ChooseVersion(versions, "web", ">2.0.0").status(),
      StatusIs(absl::StatusCode::kNotFound, "no 'web' chart with version matching '>2.0.0' found"));
  CHECK_THAT(ChooseVersion(versions, "web", "not a range").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "improper constraint"));
  CHECK_THAT(ChooseVersion({}, "web", "*").status(),
             StatusIs(absl::StatusCode::kNotFound, "no chart version found"));
}

}  // namespace
}  // namespace sluice::helm_repository
