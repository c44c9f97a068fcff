// SPDX-License-Identifier: Apache-2.0
#include "common/base/human_duration.h"

#include <catch2/catch.hpp>

namespace sluice {
namespace {

TEST_CASE("durations are told in at most two units", "[base]") {
  struct Row {
    int64_t seconds;
    const char* text;
  };
  constexpr int64_t kDay = 86400;
  const Row rows[] = {{-5, "<invalid>"},  {-1, "0s"},
                      {0, "0s"},          {119, "119s"},
                      {120, "2m"},        {125, "2m5s"},
                      {600, "10m"},       {3 * 3600 - 1, "179m"},
                      {3 * 3600, "3h"},   {3 * 3600 + 60, "3h1m"},
                      {8 * 3600, "8h"},   {47 * 3600, "47h"},
                      {2 * kDay, "2d"},   {2 * kDay + 3600, "2d1h"},
                      {8 * kDay, "8d"},   {729 * kDay, "729d"},
                      {730 * kDay, "2y"}, {731 * kDay, "2y1d"},
                      {3000 * kDay, "8y"}};
  for (const Row& row : rows) {
    CAPTURE(row.seconds);
    CHECK(HumanDuration(absl::Seconds(row.seconds)) == row.text);
  }
}

}  // namespace
}  // namespace sluice
