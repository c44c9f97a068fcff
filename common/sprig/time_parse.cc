// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/sprig/layout_elements.h"
#include "common/sprig/time_layout.h"
#include "common/sprig/zone_name.h"

namespace sluice::sprig {
namespace {

// In double quotes; other than ASCII as bytes.
std::string Quoted(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || byte < ' ') {
      absl::StrAppendFormat(&out, "\\x%02x", byte);
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// Reads one text by one layout.
class Reader {
 public:
  Reader(absl::string_view layout, absl::string_view text)
      : layout_(layout), text_(text), rest_(text) {}

  absl::StatusOr<Moment> Read(const LocationPointer& location);

 private:
  // What reading an element found.
  enum class Outcome : uint8_t { kOk, kMismatch, kOutOfRange };

  Outcome ReadElement(const Piece& piece, absl::string_view layout);
  Outcome ReadName(std::span<const absl::string_view> names, size_t length, int& number);
  // One or two digits, or exactly two.
  bool ReadNumber(bool two, int& number);
  bool ReadYearDay(bool padded);
  // By reference: reading the number is the first argument.
  Outcome InRange(bool read, const int& number, int least, int most, const char* what);
  Outcome ReadSeconds(bool two, absl::string_view layout);
  Outcome ReadOffset(const OffsetForm& form);
  Outcome ReadZoneName();
  Outcome ReadHalf(absl::string_view morning, absl::string_view afternoon);
  // A point and `digits` digits.
  bool ReadFraction(size_t digits);
  bool SkipLiteral(absl::string_view literal);

  absl::Status ResolveDay();
  absl::StatusOr<Moment> Assemble(const LocationPointer& location) const;
  absl::Status Mismatch(absl::string_view rest, absl::string_view element) const {
    return absl::InvalidArgumentError(absl::StrCat("parsing time ", Quoted(text_), " as ",
                                                   Quoted(layout_), ": cannot parse ", Quoted(rest),
                                                   " as ", Quoted(element)));
  }
  absl::Status Refused(absl::string_view why) const {
    return absl::InvalidArgumentError(absl::StrCat("parsing time ", Quoted(text_), ": ", why));
  }

  const absl::string_view layout_;
  const absl::string_view text_;
  absl::string_view rest_;

  int year_ = 0;
  int month_ = -1;
  int day_ = -1;
  int year_day_ = -1;
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  int nanosecond_ = 0;
  bool morning_ = false;
  bool afternoon_ = false;
  bool utc_ = false;
  int offset_ = -1;  // -1 also for an offset that is one, as in the reference
  std::string zone_;
  const char* range_ = "";  // what is out of range
};

bool Reader::SkipLiteral(absl::string_view literal) {
  const auto skip_blanks = [](absl::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  };
  while (!literal.empty()) {
    if (literal[0] == ' ') {
      if (!rest_.empty() && rest_[0] != ' ') return false;
      skip_blanks(literal);
      skip_blanks(rest_);
      continue;
    }
    if (rest_.empty() || rest_[0] != literal[0]) return false;
    literal.remove_prefix(1);
    rest_.remove_prefix(1);
  }
  return true;
}

Reader::Outcome Reader::ReadName(std::span<const absl::string_view> names, size_t length,
                                 int& number) {
  for (size_t i = 0; i < names.size(); ++i) {
    const absl::string_view name = names[i].substr(0, length);
    if (!absl::StartsWithIgnoreCase(rest_, name)) continue;
    rest_.remove_prefix(name.size());
    number = static_cast<int>(i) + 1;
    return Outcome::kOk;
  }
  return Outcome::kMismatch;
}

bool Reader::ReadNumber(bool two, int& number) {
  number = 0;
  if (!IsDigitAt(rest_, 0) || (two && !IsDigitAt(rest_, 1))) return false;
  const size_t digits = IsDigitAt(rest_, 1) ? 2 : 1;
  for (const char c : rest_.substr(0, digits)) number = number * 10 + (c - '0');
  rest_.remove_prefix(digits);
  return true;
}

bool Reader::ReadYearDay(bool padded) {
  for (int i = 0; i < 2 && padded && absl::StartsWith(rest_, " "); ++i) rest_.remove_prefix(1);
  size_t digits = 0;
  int number = 0;
  for (; digits < 3 && IsDigitAt(rest_, digits); ++digits)
    number = number * 10 + (rest_[digits] - '0');
  if (digits == 0 || (!padded && digits != 3)) return false;
  rest_.remove_prefix(digits);
  year_day_ = number;
  return true;
}

Reader::Outcome Reader::InRange(bool read, const int& number, int least, int most,
                                const char* what) {
  if (!read) return Outcome::kMismatch;
  if (number >= least && number <= most) return Outcome::kOk;
  range_ = what;
  return Outcome::kOutOfRange;
}

bool Reader::ReadFraction(size_t digits) {
  if (rest_.size() <= digits || (rest_[0] != '.' && rest_[0] != ',')) return false;
  const absl::string_view read = rest_.substr(1, digits);
  if (!std::all_of(read.begin(), read.end(), absl::ascii_isdigit)) return false;
  nanosecond_ = 0;
  for (size_t i = 0; i < 9; ++i) {
    nanosecond_ = nanosecond_ * 10 + (i < read.size() ? read[i] - '0' : 0);
  }
  rest_.remove_prefix(1 + digits);
  return true;
}

size_t FractionDigits(absl::string_view text) {
  if (text.empty() || (text[0] != '.' && text[0] != ',')) return 0;
  size_t digits = 0;
  while (IsDigitAt(text, 1 + digits)) ++digits;
  return digits;
}

// A fraction may follow though the layout has none.
Reader::Outcome Reader::ReadSeconds(bool two, absl::string_view layout) {
  const Outcome outcome = InRange(ReadNumber(two, second_), second_, 0, 59, "second");
  const size_t digits = FractionDigits(rest_);
  if (outcome != Outcome::kOk || digits == 0) return outcome;
  const Element next = TakePiece(layout).element;
  if (next != Element::kFraction && next != Element::kShortFraction) ReadFraction(digits);
  return outcome;
}

Reader::Outcome Reader::ReadOffset(const OffsetForm& form) {
  if (form.z_for_utc && absl::StartsWith(rest_, "Z")) {
    rest_.remove_prefix(1);
    utc_ = true;
    return Outcome::kOk;
  }
  const size_t colon = form.colons ? 1 : 0;
  const size_t size = 3 + (form.minutes ? 2 + colon : 0) + (form.seconds ? 2 + colon : 0);
  if (rest_.size() < size) return Outcome::kMismatch;
  const absl::string_view text = rest_.substr(0, size);
  const char sign = text[0];
  if (form.colons && (text[3] != ':' || (form.seconds && text[6] != ':'))) {
    return Outcome::kMismatch;
  }
  const absl::string_view after = rest_.substr(size);
  int parts[3] = {0, 0, 0};
  constexpr std::pair<int, const char*> kMost[3] = {{24, "time zone offset hour"},
                                                    {60, "time zone offset minute"},
                                                    {60, "time zone offset second"}};
  const size_t count = form.seconds ? 3 : form.minutes ? 2 : 1;
  bool read = true;
  for (size_t i = 0; i < count && read; ++i) {
    rest_ = text.substr(1 + i * (2 + colon), 2);
    read = ReadNumber(true, parts[i]);
  }
  rest_ = after;
  for (size_t i = 0; i < 3; ++i) {
    if (parts[i] <= kMost[i].first) continue;
    range_ = kMost[i].second;
    return Outcome::kOutOfRange;
  }
  if (!read || (sign != '+' && sign != '-')) return Outcome::kMismatch;
  offset_ = (parts[0] * 60 + parts[1]) * 60 + parts[2];
  if (sign == '-') offset_ = -offset_;
  return Outcome::kOk;
}

Reader::Outcome Reader::ReadZoneName() {
  if (absl::ConsumePrefix(&rest_, "UTC")) {
    utc_ = true;
    return Outcome::kOk;
  }
  const size_t size = ZoneNameSize(rest_);
  if (size == 0) return Outcome::kMismatch;
  zone_ = std::string(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return Outcome::kOk;
}

Reader::Outcome Reader::ReadHalf(absl::string_view morning, absl::string_view afternoon) {
  if (absl::ConsumePrefix(&rest_, morning)) {
    morning_ = true;
  } else if (absl::ConsumePrefix(&rest_, afternoon)) {
    afternoon_ = true;
  } else {
    return Outcome::kMismatch;
  }
  return Outcome::kOk;
}

Reader::Outcome Reader::ReadElement(const Piece& piece, absl::string_view layout) {
  const auto outcome = [](bool read) { return read ? Outcome::kOk : Outcome::kMismatch; };
  int ignored = 0;
  switch (piece.element) {
    case Element::kNone:
      return Outcome::kOk;
    case Element::kYear2: {
      // Go reads a sign for the first digit.
      const bool negative = absl::StartsWith(rest_, "-");
      const bool sign = negative || absl::StartsWith(rest_, "+");
      if (sign) rest_.remove_prefix(1);
      if (sign && IsDigitAt(rest_, 1)) {
        year_ = rest_[0] - '0';
        rest_.remove_prefix(1);
      } else if (!ReadNumber(!sign, year_)) {
        return Outcome::kMismatch;
      }
      if (negative) year_ = -year_;
      year_ += year_ >= 69 ? 1900 : 2000;
      return Outcome::kOk;
    }
    case Element::kYear: {
      const absl::string_view digits = rest_.substr(0, 4);
      if (digits.size() < 4 || !std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit)) {
        return Outcome::kMismatch;
      }
      year_ = 0;
      for (const char c : digits) year_ = year_ * 10 + (c - '0');
      rest_.remove_prefix(4);
      return Outcome::kOk;
    }
    case Element::kMonthName:
      return ReadName(kMonths, absl::string_view::npos, month_);
    case Element::kShortMonthName:
      return ReadName(kMonths, 3, month_);
    case Element::kMonth:
    case Element::kMonth2:
      return InRange(ReadNumber(piece.element == Element::kMonth2, month_), month_, 1, 12, "month");
    case Element::kDayName:
      return ReadName(kDays, absl::string_view::npos, ignored);
    case Element::kShortDayName:
      return ReadName(kDays, 3, ignored);
    case Element::kDayPadded:
      absl::ConsumePrefix(&rest_, " ");
      [[fallthrough]];
    case Element::kDay:
    case Element::kDay2:
      return outcome(ReadNumber(piece.element == Element::kDay2, day_));
    case Element::kYearDayPadded:
    case Element::kYearDay3:
      return outcome(ReadYearDay(piece.element == Element::kYearDayPadded));
    case Element::kHour:
      return InRange(ReadNumber(false, hour_), hour_, 0, 23, "hour");
    case Element::kHour12:
    case Element::kHour12Two:
      return InRange(ReadNumber(piece.element == Element::kHour12Two, hour_), hour_, 0, 12, "hour");
    case Element::kMinute:
    case Element::kMinute2:
      return InRange(ReadNumber(piece.element == Element::kMinute2, minute_), minute_, 0, 59,
                     "minute");
    case Element::kSecond:
    case Element::kSecond2:
      return ReadSeconds(piece.element == Element::kSecond2, layout);
    case Element::kUpperHalf:
      return ReadHalf("AM", "PM");
    case Element::kLowerHalf:
      return ReadHalf("am", "pm");
    case Element::kOffset:
      return ReadOffset(piece.offset);
    case Element::kZoneName:
      return ReadZoneName();
    case Element::kFraction:
      return outcome(ReadFraction(piece.digits));
    case Element::kShortFraction:
      if (const size_t digits = FractionDigits(rest_); digits > 0) ReadFraction(digits);
      return Outcome::kOk;
  }
  return Outcome::kMismatch;
}

// The month and the day from the day of the year, which must agree with those that were read.
absl::Status Reader::ResolveDay() {
  if (year_day_ < 0) {
    if (month_ < 0) month_ = 1;
    if (day_ < 0) day_ = 1;
    return absl::OkStatus();
  }
  const absl::CivilDay day = absl::CivilDay(year_) + (year_day_ - 1);
  if (year_day_ < 1 || day.year() != year_) return Refused("day-of-year out of range");
  if (month_ >= 0 && month_ != day.month()) return Refused("day-of-year does not match month");
  if (day_ >= 0 && day_ != day.day()) return Refused("day-of-year does not match day");
  month_ = day.month();
  day_ = day.day();
  return absl::OkStatus();
}

absl::StatusOr<Moment> Reader::Assemble(const LocationPointer& location) const {
  const absl::CivilSecond civil(year_, month_, day_, hour_, minute_, second_);
  // A day that the month does not have comes out in the next one.
  if (day_ < 1 || civil.month() != month_) return Refused("day out of range");
  if (utc_) return MomentAt(civil, nanosecond_, UtcLocation());
  if (offset_ != -1) {
    Moment moment = MomentAt(civil, nanosecond_, FixedLocation(zone_, offset_));
    const Moment local(moment.instant, LocalLocation());
    const Moment::Clock clock = local.At();
    return clock.offset == offset_ && (zone_.empty() || zone_ == clock.zone) ? local : moment;
  }
  if (zone_.empty()) return MomentAt(civil, nanosecond_, location);
  const Moment told_in_utc = MomentAt(civil, nanosecond_, UtcLocation());
  return Moment(told_in_utc.instant, FixedLocation(zone_, ZoneNameHours(zone_) * 3600));
}

absl::StatusOr<Moment> Reader::Read(const LocationPointer& location) {
  for (absl::string_view layout = layout_;;) {
    const Piece piece = TakePiece(layout);
    if (!SkipLiteral(piece.literal)) return Mismatch(rest_, piece.literal);
    if (piece.element == Element::kNone) break;
    const absl::string_view before = rest_;
    switch (ReadElement(piece, layout)) {
      case Outcome::kOk:
        break;
      case Outcome::kMismatch:
        return Mismatch(before, piece.text);
      case Outcome::kOutOfRange:
        return Refused(absl::StrCat(range_, " out of range"));
    }
  }
  if (!rest_.empty()) return Refused(absl::StrCat("extra text: ", Quoted(rest_)));
  if (afternoon_ && hour_ < 12) hour_ += 12;
  if (!afternoon_ && morning_ && hour_ == 12) hour_ = 0;
  RETURN_IF_ERROR(ResolveDay());
  return Assemble(location);
}

}  // namespace

absl::StatusOr<Moment> ParseTime(absl::string_view layout, absl::string_view text,
                                 const LocationPointer& location) {
  return Reader(layout, text).Read(location);
}

}  // namespace sluice::sprig
