// SPDX-License-Identifier: Apache-2.0
#include "common/base/human_duration.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace sluice {
namespace {

std::string WithRest(int64_t whole, const char* unit, int64_t rest, const char* rest_unit) {
  if (rest == 0) return absl::StrCat(whole, unit);
  return absl::StrCat(whole, unit, rest, rest_unit);
}

}  // namespace

std::string HumanDuration(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 60 * 2) return absl::StrCat(seconds, "s");
  const int64_t minutes = seconds / 60;
  if (minutes < 10) return WithRest(minutes, "m", seconds % 60, "s");
  if (minutes < 60 * 3) return absl::StrCat(minutes, "m");
  const int64_t hours = minutes / 60;
  if (hours < 8) return WithRest(hours, "h", minutes % 60, "m");
  if (hours < 48) return absl::StrCat(hours, "h");
  const int64_t days = hours / 24;
  if (days < 8) return WithRest(days, "d", hours % 24, "h");
  if (days < 365 * 2) return absl::StrCat(days, "d");
  if (days < 365 * 8) return WithRest(days / 365, "y", days % 365, "d");
  return absl::StrCat(days / 365, "y");
}

}  // namespace sluice
