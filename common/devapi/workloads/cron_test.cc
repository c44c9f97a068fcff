// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/workloads/cron.h"

#include <catch2/catch.hpp>

namespace sluice::devapi {
namespace {

TEST_CASE("a schedule tells the next time", "[devapi]") {
  struct Row {
    const char* schedule;
    const char* after;
    const char* next;
  };
  const Row rows[] = {
      {"* * * * *", "2026-01-01T00:00:00", "2026-01-01T00:01:00"},
      {"* * * * *", "2026-01-01T00:00:59", "2026-01-01T00:01:00"},
      {"*/15 * * * *", "2026-01-01T00:16:00", "2026-01-01T00:30:00"},
      {"5-10/2 3 * * *", "2026-01-01T03:07:00", "2026-01-01T03:09:00"},
      {"0 0 1 * *", "2026-01-01T00:00:00", "2026-02-01T00:00:00"},
      {"0 12 * jan mon", "2026-01-01T00:00:00", "2026-01-05T12:00:00"},
      {"0 0 * * 0", "2026-01-01T00:00:00", "2026-01-04T00:00:00"},
      // Both days restricted: either will do.
      {"0 0 13 * fri", "2026-01-03T00:00:00", "2026-01-09T00:00:00"},
      {"0 0 29 2 *", "2026-01-01T00:00:00", "2028-02-29T00:00:00"},
      {"@hourly", "2026-01-01T00:30:00", "2026-01-01T01:00:00"},
      {"30,45 * * * *", "2026-01-01T00:31:00", "2026-01-01T00:45:00"},
  };
  const auto time = [](const char* text) {
    absl::Time parsed;
    REQUIRE(absl::ParseTime("%Y-%m-%dT%H:%M:%S", text, &parsed, nullptr));
    return parsed;
  };
  for (const Row& row : rows) {
    CAPTURE(row.schedule, row.after);
    const CronSchedule schedule = CronSchedule::Parse(row.schedule).value();
    CHECK(schedule.Next(time(row.after), absl::UTCTimeZone()) == time(row.next));
  }
  CHECK(CronSchedule::Parse("0 0 31 2 *")
            .value()
            .Next(time("2026-01-01T00:00:00"), absl::UTCTimeZone()) == absl::InfiniteFuture());
}

TEST_CASE("text that is no schedule is refused", "[devapi]") {
  for (const char* text :
       {"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
        "* * * * 8", "a * * * *", "5-1 * * * *", "*/0 * * * *", "1/2/3 * * * *", "@often"}) {
    CAPTURE(text);
    CHECK_FALSE(CronSchedule::Parse(text).ok());
  }
}

}  // namespace
}  // namespace sluice::devapi
