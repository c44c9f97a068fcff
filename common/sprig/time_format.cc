// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/sprig/layout_elements.h"
#include "common/sprig/time_layout.h"

namespace sluice::sprig {
namespace {

// At least `width` digits; the sign comes before the zeros.
void AppendNumber(int64_t number, int width, std::string& out) {
  if (number < 0) out += '-';
  absl::StrAppendFormat(&out, "%0*d", width, std::abs(number));
}

void AppendOffset(int offset, const OffsetForm& form, std::string& out) {
  if (offset == 0 && form.z_for_utc) {
    out += 'Z';
    return;
  }
  const int minutes = std::abs(offset / 60);
  out += offset / 60 < 0 ? '-' : '+';
  AppendNumber(minutes / 60, 2, out);
  if (form.minutes) {
    if (form.colons) out += ':';
    AppendNumber(minutes % 60, 2, out);
  }
  if (form.seconds) {
    if (form.colons) out += ':';
    AppendNumber(std::abs(offset) % 60, 2, out);
  }
}

void AppendFraction(int nanosecond, const Piece& piece, std::string& out) {
  std::string digits = absl::StrFormat("%09d", nanosecond);
  digits.resize(std::min(piece.digits, digits.size()));
  if (piece.element == Element::kShortFraction) {
    digits.resize(digits.find_last_not_of('0') + 1);
    if (digits.empty()) return;
  } else {
    digits.append(piece.digits - digits.size(), '0');
  }
  absl::StrAppend(&out, piece.text.substr(0, 1), digits);
}

int64_t HourOfHalfDay(const absl::CivilSecond& civil) {
  return civil.hour() % 12 == 0 ? 12 : civil.hour() % 12;
}

void AppendElement(const Moment::Clock& clock, const Piece& piece, std::string& out) {
  const absl::CivilSecond& civil = clock.civil;
  const auto month = static_cast<size_t>(civil.month() - 1);
  // absl counts from Monday.
  const auto weekday = static_cast<size_t>((static_cast<int>(absl::GetWeekday(civil)) + 1) % 7);
  switch (piece.element) {
    case Element::kNone:
      return;
    case Element::kYear2:
      return AppendNumber(std::abs(civil.year()) % 100, 2, out);
    case Element::kYear:
      return AppendNumber(civil.year(), 4, out);
    case Element::kMonthName:
      return absl::StrAppend(&out, kMonths[month]);
    case Element::kShortMonthName:
      return absl::StrAppend(&out, kMonths[month].substr(0, 3));
    case Element::kMonth:
      return AppendNumber(civil.month(), 1, out);
    case Element::kMonth2:
      return AppendNumber(civil.month(), 2, out);
    case Element::kDayName:
      return absl::StrAppend(&out, kDays[weekday]);
    case Element::kShortDayName:
      return absl::StrAppend(&out, kDays[weekday].substr(0, 3));
    case Element::kDay:
      return AppendNumber(civil.day(), 1, out);
    case Element::kDayPadded:
      return absl::StrAppend(&out, absl::StrFormat("%2d", civil.day()));
    case Element::kDay2:
      return AppendNumber(civil.day(), 2, out);
    case Element::kYearDayPadded:
      return absl::StrAppend(&out, absl::StrFormat("%3d", absl::GetYearDay(civil)));
    case Element::kYearDay3:
      return AppendNumber(absl::GetYearDay(civil), 3, out);
    case Element::kHour:
      return AppendNumber(civil.hour(), 2, out);
    case Element::kHour12:
      return AppendNumber(HourOfHalfDay(civil), 1, out);
    case Element::kHour12Two:
      return AppendNumber(HourOfHalfDay(civil), 2, out);
    case Element::kMinute:
      return AppendNumber(civil.minute(), 1, out);
    case Element::kMinute2:
      return AppendNumber(civil.minute(), 2, out);
    case Element::kSecond:
      return AppendNumber(civil.second(), 1, out);
    case Element::kSecond2:
      return AppendNumber(civil.second(), 2, out);
    case Element::kUpperHalf:
      return absl::StrAppend(&out, civil.hour() >= 12 ? "PM" : "AM");
    case Element::kLowerHalf:
      return absl::StrAppend(&out, civil.hour() >= 12 ? "pm" : "am");
    case Element::kOffset:
      return AppendOffset(clock.offset, piece.offset, out);
    case Element::kZoneName:
      if (!clock.zone.empty()) return absl::StrAppend(&out, clock.zone);
      return AppendOffset(clock.offset, {.minutes = true}, out);
    case Element::kFraction:
    case Element::kShortFraction:
      return AppendFraction(clock.nanosecond, piece, out);
  }
}

}  // namespace

std::string FormatTime(const Moment& moment, absl::string_view layout) {
  const Moment::Clock clock = moment.At();
  std::string out;
  while (!layout.empty()) {
    const Piece piece = TakePiece(layout);
    absl::StrAppend(&out, piece.literal);
    AppendElement(clock, piece, out);
  }
  return out;
}

}  // namespace sluice::sprig
