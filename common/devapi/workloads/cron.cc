// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/workloads/cron.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace sluice::devapi {
namespace {

constexpr absl::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
constexpr absl::string_view kWeekdays = "sunmontuewedthufrisat";

struct Field {
  int first;
  int last;
  absl::string_view names;  // three letters each, from `first` on
};

template <typename... Parts>
absl::Status Fault(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

absl::StatusOr<int> Number(const Field& field, absl::string_view text) {
  int number = 0;
  if (absl::SimpleAtoi(text, &number)) {
    if (number < 0) return Fault("negative number (", number, ") not allowed: ", text);
    return number;
  }
  const size_t at =
      text.size() == 3 ? field.names.find(absl::AsciiStrToLower(text)) : absl::string_view::npos;
  if (at == absl::string_view::npos || at % 3 != 0) {
    return Fault("failed to parse int from ", text, ": strconv.Atoi: parsing \"", text,
                 "\": invalid syntax");
  }
  return static_cast<int>(at / 3) + field.first;
}

template <size_t kSize>
absl::Status ReadField(const Field& field, absl::string_view text, std::bitset<kSize>& bits) {
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<absl::string_view> step = absl::StrSplit(part, '/');
    const std::vector<absl::string_view> range = absl::StrSplit(step[0], '-');
    int by = 1;
    int from = field.first;
    int to = field.last;
    if (step[0] != "*" && step[0] != "?") {
      ASSIGN_OR_RETURN(from, Number(field, range[0]));
      to = step.size() == 2 ? field.last : from;
      if (range.size() == 2) {
        ASSIGN_OR_RETURN(to, Number(field, range[1]));
      }
      if (range.size() > 2) return Fault("too many hyphens: ", part);
    }
    if (step.size() > 2) return Fault("too many slashes: ", part);
    if (step.size() == 2) {
      ASSIGN_OR_RETURN(by, Number(field, step[1]));
    }
    if (from < field.first) {
      return Fault("beginning of range (", from, ") below minimum (", field.first, "): ", part);
    }
    if (to > field.last) {
      return Fault("end of range (", to, ") above maximum (", field.last, "): ", part);
    }
    if (from > to) {
      return Fault("beginning of range (", from, ") beyond end of range (", to, "): ", part);
    }
    if (by < 1) return Fault("step of range should be a positive number: ", part);
    for (int i = from; i <= to; i += by) bits.set(static_cast<size_t>(i) % kSize);
  }
  return absl::OkStatus();
}

absl::string_view Expand(absl::string_view text) {
  if (text == "@yearly" || text == "@annually") return "0 0 1 1 *";
  if (text == "@monthly") return "0 0 1 * *";
  if (text == "@weekly") return "0 0 * * 0";
  if (text == "@daily" || text == "@midnight") return "0 0 * * *";
  if (text == "@hourly") return "0 * * * *";
  return text;
}

}  // namespace

absl::StatusOr<CronSchedule> CronSchedule::Parse(absl::string_view text) {
  const std::vector<absl::string_view> fields =
      absl::StrSplit(Expand(text), absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (fields.size() != 5) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected 5 fields in cron schedule: \"", text, "\""));
  }
  CronSchedule schedule;
  RETURN_IF_ERROR(ReadField({0, 59, ""}, fields[0], schedule.minutes_));
  RETURN_IF_ERROR(ReadField({0, 23, ""}, fields[1], schedule.hours_));
  RETURN_IF_ERROR(ReadField({1, 31, ""}, fields[2], schedule.days_));
  RETURN_IF_ERROR(ReadField({1, 12, kMonths}, fields[3], schedule.months_));
  RETURN_IF_ERROR(ReadField({0, 6, kWeekdays}, fields[4], schedule.weekdays_));
  schedule.any_day_ = absl::StartsWith(fields[2], "*") || fields[2] == "?";
  schedule.any_weekday_ = absl::StartsWith(fields[4], "*") || fields[4] == "?";
  return schedule;
}

absl::Time CronSchedule::Next(absl::Time after, const absl::TimeZone& zone) const {
  constexpr int kDays = 366 * 5;
  absl::CivilMinute at = absl::ToCivilMinute(after, zone) + 1;
  for (int day = 0; day < kDays; ++day) {
    const absl::CivilDay date(at);
    const bool month = months_[static_cast<size_t>(date.month())];
    const bool by_date = days_[static_cast<size_t>(date.day())];
    // absl's weeks start on Monday.
    const size_t number = (static_cast<size_t>(absl::GetWeekday(date)) + 1) % 7;
    const bool by_weekday = weekdays_[number];
    // Both restricted: either will do.
    const bool matches = any_day_ || any_weekday_ ? by_date && by_weekday : by_date || by_weekday;
    if (month && matches) {
      for (; absl::CivilDay(at) == date; ++at) {
        if (!hours_[static_cast<size_t>(at.hour())] ||
            !minutes_[static_cast<size_t>(at.minute())]) {
          continue;
        }
        const absl::Time found = absl::FromCivil(at, zone);
        if (found > after) return found;
      }
    } else {
      at = absl::CivilMinute(date + 1);
    }
  }
  return absl::InfiniteFuture();
}

}  // namespace sluice::devapi
