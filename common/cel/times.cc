// SPDX-License-Identifier: Apache-2.0
#include "common/cel/times.h"

#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/duration.h"
#include "common/cel/function.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;

// "+05:30", "-02:00", "05:30": hours and minutes. Else the name of a zone.
std::optional<absl::TimeZone> FindZone(absl::string_view name) {
  const size_t colon = name.find(':');
  if (colon == absl::string_view::npos) {
    absl::TimeZone zone;
    if (name == "Local" || !absl::LoadTimeZone(std::string(name), &zone)) return std::nullopt;
    return zone;
  }
  int hours = 0;
  int minutes = 0;
  if (!absl::SimpleAtoi(name.substr(0, colon), &hours) ||
      !absl::SimpleAtoi(name.substr(colon + 1), &minutes) || hours < -23 || hours > 23 ||
      minutes < 0 || minutes > 59) {
    return std::nullopt;
  }
  const int sign = absl::StartsWith(name, "-") ? -1 : 1;
  return absl::FixedTimeZone((hours * 60 + sign * minutes) * 60);
}

using Part = int64_t (*)(const absl::TimeZone::CivilInfo& info, Timestamp time);

// The part of a point in time, in the zone of the second argument or UTC.
template <Part part>
Value TimePart(Args args, Arena& arena) {
  if (args.empty() || args[0].kind() != Kind::kTimestamp) return NoMatch();
  absl::TimeZone zone = absl::UTCTimeZone();
  if (args.size() == 2) {
    if (!args[1].is_string()) return NoMatch();
    const std::optional<absl::TimeZone> found = FindZone(args[1].text());
    if (!found.has_value()) {
      return Value::Error(absl::StrCat("unknown time zone ", args[1].text()), arena);
    }
    zone = *found;
  }
  const Timestamp time = args[0].timestamp();
  return Value::Int(part(zone.At(absl::FromUnixSeconds(time.seconds)), time));
}

// The same for functions that durations have as well: they give how many whole units it is long.
template <Part part, int64_t unit>
Value TimeOrDurationPart(Args args, Arena& arena) {
  if (args.size() == 1 && args[0].kind() == Kind::kDuration) {
    return Value::Int(args[0].integer() / unit);
  }
  return TimePart<part>(args, arena);
}

using Info = absl::TimeZone::CivilInfo;
int64_t Year(const Info& info, Timestamp) { return info.cs.year(); }
int64_t Month(const Info& info, Timestamp) { return info.cs.month() - 1; }
int64_t DayOfYear(const Info& info, Timestamp) {
  return absl::GetYearDay(absl::CivilDay(info.cs)) - 1;
}
int64_t DayOfMonth(const Info& info, Timestamp) { return info.cs.day() - 1; }
int64_t Date(const Info& info, Timestamp) { return info.cs.day(); }
int64_t DayOfWeek(const Info& info, Timestamp) {
  // From Sunday.
  return (static_cast<int64_t>(absl::GetWeekday(absl::CivilDay(info.cs))) + 1) % 7;
}
int64_t Hours(const Info& info, Timestamp) { return info.cs.hour(); }
int64_t Minutes(const Info& info, Timestamp) { return info.cs.minute(); }
int64_t Seconds(const Info& info, Timestamp) { return info.cs.second(); }
int64_t Milliseconds(const Info&, Timestamp time) { return time.nanos / 1'000'000; }

Function OfTime(absl::string_view name, absl::string_view id, Implementation call) {
  const std::string plain = absl::StrCat("timestamp_to_", id, ": .timestamp -> int");
  const std::string in_zone =
      absl::StrCat("timestamp_to_", id, "_with_tz: .timestamp, string -> int");
  return Function(name, {plain, in_zone}, call);
}
Function OfBoth(absl::string_view name, absl::string_view id, Implementation call) {
  const std::string plain = absl::StrCat("timestamp_to_", id, ": .timestamp -> int");
  const std::string in_zone =
      absl::StrCat("timestamp_to_", id, "_with_tz: .timestamp, string -> int");
  const std::string duration = absl::StrCat("duration_to_", id, ": .duration -> int");
  return Function(name, {plain, in_zone, duration}, call);
}

}  // namespace

std::optional<Timestamp> ParseTimestamp(absl::string_view text) {
  const absl::StatusOr<absl::Time> time = ParseRfc3339(text);
  if (!time.ok()) return std::nullopt;
  const int64_t seconds = absl::ToUnixSeconds(*time);
  const absl::Duration rest = *time - absl::FromUnixSeconds(seconds);
  return Timestamp{seconds, static_cast<int32_t>(absl::ToInt64Nanoseconds(rest))};
}

std::optional<Timestamp> Shift(Timestamp time, int64_t nanoseconds) {
  const absl::int128 total =
      absl::int128(time.seconds) * kNanosecondsPerSecond + time.nanos + nanoseconds;
  absl::int128 seconds = total / kNanosecondsPerSecond;
  absl::int128 nanos = total % kNanosecondsPerSecond;
  if (nanos < 0) {
    nanos += kNanosecondsPerSecond;
    seconds -= 1;
  }
  if (seconds < kMinSeconds || seconds > kMaxSeconds) return std::nullopt;
  return Timestamp{static_cast<int64_t>(seconds), static_cast<int32_t>(nanos)};
}

std::vector<Function> TimeFunctions() {
  constexpr int64_t kMillisecond = 1'000'000;
  return {
      OfTime("getFullYear", "year", TimePart<Year>),
      OfTime("getMonth", "month", TimePart<Month>),
      OfTime("getDayOfYear", "day_of_year", TimePart<DayOfYear>),
      OfTime("getDayOfMonth", "day_of_month", TimePart<DayOfMonth>),
      OfTime("getDate", "day_of_month_1_based", TimePart<Date>),
      OfTime("getDayOfWeek", "day_of_week", TimePart<DayOfWeek>),
      OfBoth("getHours", "hours", TimeOrDurationPart<Hours, 3600 * kNanosecondsPerSecond>),
      OfBoth("getMinutes", "minutes", TimeOrDurationPart<Minutes, 60 * kNanosecondsPerSecond>),
      OfBoth("getSeconds", "seconds", TimeOrDurationPart<Seconds, kNanosecondsPerSecond>),
      OfBoth("getMilliseconds", "milliseconds", TimeOrDurationPart<Milliseconds, kMillisecond>),
  };
}

}  // namespace sluice::cel
