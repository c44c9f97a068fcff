// SPDX-License-Identifier: Apache-2.0
#include "common/cel/times.h"

#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/cel/function.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;

// Hours and minutes of a zone may be as large as this.
constexpr int64_t kMaxOffsetPart = 100'000;

// Go's strconv.Atoi.
std::optional<int64_t> Number(absl::string_view text) {
  absl::string_view digits = text;
  if (!absl::ConsumePrefix(&digits, "-")) absl::ConsumePrefix(&digits, "+");
  int64_t number = 0;
  const bool good = !digits.empty() && absl::ascii_isdigit(static_cast<unsigned char>(digits[0])) &&
                    absl::SimpleAtoi(digits, &number) && number <= kMaxOffsetPart;
  if (!good) return std::nullopt;
  return text[0] == '-' ? -number : number;
}

// How far `time` is from UTC in the zone `name`: hours and minutes ("+05:30", "-02:00", "05:30"),
// or the name of a zone. An error says that there is none.
Value ZoneOffset(absl::string_view name, Timestamp time, Arena& arena) {
  const size_t colon = name.find(':');
  if (colon != absl::string_view::npos) {
    int64_t parts[2] = {0, 0};
    const absl::string_view texts[2] = {name.substr(0, colon), name.substr(colon + 1)};
    for (int i = 0; i < 2; ++i) {
      const std::optional<int64_t> number = Number(texts[i]);
      if (!number.has_value()) {
        return Value::Error(
            absl::StrCat("strconv.Atoi: parsing \"", texts[i], "\": invalid syntax"), arena);
      }
      parts[i] = *number;
    }
    const int64_t sign = absl::StartsWith(name, "-") ? -1 : 1;
    return Value::Int((parts[0] * 60 + sign * parts[1]) * 60);
  }
  // There is no zone of the machine here.
  if (name.empty() || name == "UTC" || name == "Local") return Value::Int(0);
  if (absl::StrContains(name, "..") || name[0] == '/' || name[0] == '\\') {
    return Value::StaticError("time: invalid location name");
  }
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(std::string(name), &zone)) {
    return Value::Error(absl::StrCat("unknown time zone ", name), arena);
  }
  return Value::Int(zone.At(absl::FromUnixSeconds(time.seconds)).offset);
}

using Part = int64_t (*)(absl::CivilSecond local, Timestamp time);

// The part of a point in time, in the zone of the second argument or UTC.
template <Part part>
Value TimePart(Args args, Arena& arena) {
  if (args.empty() || args[0].kind() != Kind::kTimestamp) return NoMatch();
  const Timestamp time = args[0].timestamp();
  int64_t offset = 0;
  if (args.size() == 2) {
    if (!args[1].is_string()) return NoMatch();
    const Value found = ZoneOffset(args[1].text(), time, arena);
    if (found.is_error()) return found;
    offset = found.integer();
  }
  const absl::Time shifted = absl::FromUnixSeconds(time.seconds + offset);
  return Value::Int(part(absl::ToCivilSecond(shifted, absl::UTCTimeZone()), time));
}

// The same for functions that durations have as well: they give how many whole units it is long.
template <Part part, int64_t unit>
Value TimeOrDurationPart(Args args, Arena& arena) {
  if (args.size() == 1 && args[0].kind() == Kind::kDuration) {
    return Value::Int(args[0].integer() / unit);
  }
  return TimePart<part>(args, arena);
}

using Civil = absl::CivilSecond;
int64_t Year(Civil local, Timestamp) { return local.year(); }
int64_t Month(Civil local, Timestamp) { return local.month() - 1; }
int64_t DayOfYear(Civil local, Timestamp) { return absl::GetYearDay(absl::CivilDay(local)) - 1; }
int64_t DayOfMonth(Civil local, Timestamp) { return local.day() - 1; }
int64_t Date(Civil local, Timestamp) { return local.day(); }
int64_t DayOfWeek(Civil local, Timestamp) {
  // From Sunday.
  return (static_cast<int64_t>(absl::GetWeekday(absl::CivilDay(local))) + 1) % 7;
}
int64_t Hours(Civil local, Timestamp) { return local.hour(); }
int64_t Minutes(Civil local, Timestamp) { return local.minute(); }
int64_t Seconds(Civil local, Timestamp) { return local.second(); }
int64_t Milliseconds(Civil, Timestamp time) { return time.nanos / 1'000'000; }

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
  // A number of so many digits at the front of `text`, which is taken; at most `limit`.
  const auto take = [&text](size_t digits, int limit) -> std::optional<int> {
    int number = 0;
    if (text.size() < digits) return std::nullopt;
    for (size_t i = 0; i < digits; ++i) {
      if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) return std::nullopt;
      number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    if (number > limit) return std::nullopt;
    return number;
  };
  constexpr absl::string_view kBefore[] = {"", "-", "-", "T", ":", ":"};
  constexpr int kLimits[] = {9999, 12, 31, 23, 59, 59};
  int parts[6] = {};
  for (int i = 0; i < 6; ++i) {
    if (!absl::ConsumePrefix(&text, kBefore[i])) return std::nullopt;
    // The hour may have one digit.
    const bool one_digit = i == 3 && text.size() > 1 && text[1] == ':';
    const std::optional<int> part = take(i == 0 ? 4 : one_digit ? 1 : 2, kLimits[i]);
    if (!part.has_value()) return std::nullopt;
    parts[i] = *part;
  }
  const absl::CivilSecond civil(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
  if (civil.month() != parts[1] || civil.day() != parts[2]) return std::nullopt;

  Timestamp time;
  if (!text.empty() && (text[0] == '.' || text[0] == ',')) {
    text.remove_prefix(1);
    size_t digits = 0;
    for (; !text.empty() && absl::ascii_isdigit(static_cast<unsigned char>(text[0])); ++digits) {
      if (digits < 9) time.nanos = time.nanos * 10 + (text[0] - '0');
      text.remove_prefix(1);
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 9; ++digits) time.nanos *= 10;
  }
  if (text != "Z") {
    const int sign = absl::ConsumePrefix(&text, "-") ? -1 : absl::ConsumePrefix(&text, "+") ? 1 : 0;
    const std::optional<int> hours = take(2, 24);
    if (sign == 0 || !hours.has_value() || !absl::ConsumePrefix(&text, ":")) return std::nullopt;
    const std::optional<int> minutes = take(2, 60);
    if (!minutes.has_value() || !text.empty()) return std::nullopt;
    time.offset = sign * (*hours * 3600 + *minutes * 60);
  }
  time.seconds = absl::ToUnixSeconds(absl::FromCivil(civil, absl::UTCTimeZone())) - time.offset;
  return time;
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
  return Timestamp{static_cast<int64_t>(seconds), static_cast<int32_t>(nanos), time.offset};
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
