// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/token_cache.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace sluice::cloud_identity {
namespace {

using ::sluice::testing::FakeClock;
using ::sluice::testing::StatusIs;

// Counts what it makes; each is good for `life`.
struct Maker {
  FakeClock& clock;
  absl::Duration life = absl::Hours(1);
  int made = 0;

  TokenCache::Make operator()() {
    return [this]() -> absl::StatusOr<Credentials> {
      return Credentials{"", Secret(absl::StrCat(++made)), Secret(), clock.Now() + life};
    };
  }
};

std::string Token(TokenCache& cache, const std::string& key, Maker& maker) {
  const auto credentials = cache.Get(key, maker());
  REQUIRE(credentials.ok());
  return std::string(credentials->secret.Reveal());
}

TEST_CASE("a token is kept for four fifths of its life, an hour at the most", "[cloud_identity]") {
  struct Row {
    absl::Duration life, max_duration, kept;
  };
  const Row rows[] = {
      {absl::Minutes(50), absl::Hours(1), absl::Minutes(40)},
      {absl::Hours(10), absl::Hours(1), absl::Hours(1)},
      {absl::Hours(10), absl::Hours(5), absl::Hours(1)},
      {absl::Hours(10), absl::Minutes(5), absl::Minutes(5)},
      {absl::InfiniteDuration(), absl::Hours(1), absl::Hours(1)},
  };
  for (const Row& row : rows) {
    CAPTURE(absl::FormatDuration(row.life));
    FakeClock clock;
    TokenCache cache({.max_size = 10, .max_duration = row.max_duration}, clock);
    Maker maker{clock, row.life};
    CHECK(Token(cache, "a", maker) == "1");
    clock.Advance(row.kept - absl::Seconds(1));
    CHECK(Token(cache, "a", maker) == "1");
    clock.Advance(absl::Seconds(1));
    CHECK(Token(cache, "a", maker) == "2");
  }
}

TEST_CASE("keys have their own tokens, and the one used least recently goes first",
          "[cloud_identity]") {
  FakeClock clock;
  TokenCache cache({.max_size = 2, .max_duration = absl::Hours(1)}, clock);
  Maker maker{clock};
  CHECK(Token(cache, "a", maker) == "1");
  CHECK(Token(cache, "b", maker) == "2");
  CHECK(Token(cache, "a", maker) == "1");
  CHECK(Token(cache, "c", maker) == "3");
  CHECK(Token(cache, "a", maker) == "1");
  CHECK(Token(cache, "b", maker) == "4");
}

TEST_CASE("failures and dead tokens are not kept, and a cache can be without room",
          "[cloud_identity]") {
  FakeClock clock;
  TokenCache cache({}, clock);
  CHECK_THAT(cache.Get("a", [] { return absl::UnavailableError("down"); }).status(),
             StatusIs(absl::StatusCode::kUnavailable, "down"));
  Maker dead{clock, -absl::Seconds(1)};
  CHECK(Token(cache, "a", dead) == "1");
  CHECK(Token(cache, "a", dead) == "2");
  TokenCache none({.max_size = 0, .max_duration = absl::Hours(1)}, clock);
  Maker maker{clock};
  CHECK(Token(none, "a", maker) == "1");
  CHECK(Token(none, "a", maker) == "2");
}

TEST_CASE("hits, misses, failures and evictions are counted", "[cloud_identity]") {
  FakeClock clock;
  metrics::Registry registry;
  TokenCache cache({.max_size = 1}, clock, &registry);
  Maker maker{clock};
  const TokenUser web = {"GitRepository", {"default", "web"}};
  const TokenUser db = {"Bucket", {"default", "db"}};
  REQUIRE(cache.Get("a", maker(), web).ok());
  REQUIRE(cache.Get("a", maker(), web).ok());
  REQUIRE(cache.Get("b", maker(), db).ok());  // takes the place of "a"
  REQUIRE(cache.Get("b", maker()).ok());      // by nobody in particular
  CHECK_FALSE(cache
                  .Get(
                      "c", [] { return absl::UnavailableError("down"); }, db)
                  .ok());
  const auto has = [&registry](absl::string_view line) {
    return absl::StrContains(registry.Text(), absl::StrCat(line, "\n"));
  };
  const std::string of_web =
      "kind=\"GitRepository\",name=\"web\",namespace=\"default\",operation=\"reconcile\"}";
  CHECK(has(absl::StrCat("gotk_token_cache_events_total{event_type=\"cache_hit\",", of_web, " 1")));
  CHECK(
      has(absl::StrCat("gotk_token_cache_events_total{event_type=\"cache_miss\",", of_web, " 1")));
  CHECK(has("gotk_token_cache_requests_total{status=\"success\"} 4"));
  CHECK(has("gotk_token_cache_requests_total{status=\"failure\"} 1"));
  CHECK(has("gotk_token_cache_evictions_total 1"));
  CHECK(has("gotk_token_cached_items 1"));
  cache.Forget(web);
  CHECK_FALSE(absl::StrContains(registry.Text(), "GitRepository"));
  CHECK(absl::StrContains(registry.Text(), "name=\"db\""));
}

}  // namespace
}  // namespace sluice::cloud_identity
