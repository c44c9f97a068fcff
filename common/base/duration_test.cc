// SPDX-License-Identifier: Apache-2.0
#include "common/base/duration.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("durations read and print as Go's do", "[base]") {
  struct Row {
    const char* text;
    absl::Duration duration;
    const char* printed;
  };
  const Row rows[] = {
      {"0", absl::ZeroDuration(), "0s"},
      {"5m", absl::Minutes(5), "5m0s"},
      {"1h30m", absl::Minutes(90), "1h30m0s"},
      {"1.5s", absl::Milliseconds(1500), "1.5s"},
      {"750ms", absl::Milliseconds(750), "750ms"},
      {"-2m3.5s", -absl::Milliseconds(123500), "-2m3.5s"},
      {"100us", absl::Microseconds(100), "100\xc2\xb5s"},
      {"1ns", absl::Nanoseconds(1), "1ns"},
      {"0.3s", absl::Milliseconds(300), "300ms"},
      {"24h", absl::Hours(24), "24h0m0s"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(ParseGoDuration(row.text).value() == row.duration);
    CHECK(FormatGoDuration(row.duration) == row.printed);
  }
}

TEST_CASE("text that is not a duration is refused and quoted", "[base]") {
  for (const char* text : {"", "3", "-", "s", "1x", ".s", "1h-2m", "9999999999h"}) {
    CAPTURE(text);
    CHECK_THAT(ParseGoDuration(text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "duration \""));
  }
}

TEST_CASE("times are printed in UTC with whole seconds", "[base]") {
  const absl::Time time = ParseRfc3339("2026-01-02T05:04:05.25+02:00").value();
  CHECK(FormatRfc3339(time) == "2026-01-02T03:04:05Z");
  CHECK(FormatRfc3339Nano(time) == "2026-01-02T03:04:05.25Z");
  CHECK_FALSE(ParseRfc3339("yesterday").ok());
}

}  // namespace
}  // namespace sluice
