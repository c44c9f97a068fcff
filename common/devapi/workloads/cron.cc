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
  absl::string_view name;
  int first;
  int last;
  absl::string_view names;  // three letters each, from `first` on
};

absl::Status Fault(const Field& field, absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("invalid ", field.name, " in cron schedule: \"", text, "\""));
}

absl::StatusOr<int> Number(const Field& field, absl::string_view text) {
  int number = 0;
  if (!absl::SimpleAtoi(text, &number)) {
    const size_t at =
        text.size() == 3 ? field.names.find(absl::AsciiStrToLower(text)) : absl::string_view::npos;
    if (at == absl::string_view::npos || at % 3 != 0) return Fault(field, text);
    number = static_cast<int>(at / 3) + field.first;
  }
  if (number < field.first || number > field.last) return Fault(field, text);
  return number;
}

template <size_t kSize>
absl::Status ReadField(const Field& field, absl::string_view text, std::bitset<kSize>& bits) {
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<absl::string_view> step = absl::StrSplit(part, '/');
    int by = 1;
    if (step.size() > 2) return Fault(field, text);
    if (step.size() == 2 && (!absl::SimpleAtoi(step[1], &by) || by < 1)) return Fault(field, text);
    int from = field.first;
    int to = field.last;
    if (step[0] != "*" && step[0] != "?") {
      const std::vector<absl::string_view> range = absl::StrSplit(step[0], '-');
      if (range.size() > 2) return Fault(field, text);
      ASSIGN_OR_RETURN(from, Number(field, range[0]));
      to = step.size() == 2 ? field.last : from;
      if (range.size() == 2) {
        ASSIGN_OR_RETURN(to, Number(field, range[1]));
      }
      if (from > to) return Fault(field, text);
    }
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
  RETURN_IF_ERROR(ReadField({"minute", 0, 59, ""}, fields[0], schedule.minutes_));
  RETURN_IF_ERROR(ReadField({"hour", 0, 23, ""}, fields[1], schedule.hours_));
  RETURN_IF_ERROR(ReadField({"day of month", 1, 31, ""}, fields[2], schedule.days_));
  RETURN_IF_ERROR(ReadField({"month", 1, 12, kMonths}, fields[3], schedule.months_));
  // 7 is Sunday too; the set wraps around.
  RETURN_IF_ERROR(ReadField({"day of week", 0, 7, kWeekdays}, fields[4], schedule.weekdays_));
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
