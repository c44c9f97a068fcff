// Formats of dates, times and durations.

// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/jsonschema/formats.h"

namespace sluice::jsonschema {
namespace {

// As package time quotes what it cannot parse: everything but ASCII byte by byte.
std::string TimeQuoted(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x80) {
      absl::StrAppendFormat(&out, "\\x%02x", byte);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

// Reads a text by the layout 2006-01-02, with package time's errors.
class DateReader {
 public:
  explicit DateReader(absl::string_view text) : text_(text), rest_(text) {}

  FormatFault Run() {
    int year = 0, month = 0, day = 0;
    if (!Take("2006", 4, year) || !Dash() || !Take("01", 2, month)) return fault_;
    if (month < 1 || month > 12) return Refused(": month out of range");
    if (!Dash() || !Take("02", 2, day)) return fault_;
    if (!rest_.empty()) return Refused(absl::StrCat(": extra text: ", TimeQuoted(rest_)));
    if (day < 1 || day > DaysIn(month, year)) return Refused(": day out of range");
    return std::nullopt;
  }

 private:
  static int DaysIn(int month, int year) {
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2) return leap ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  }

  FormatFault Refused(absl::string_view problem) const {
    return absl::StrCat("parsing time ", TimeQuoted(text_), problem);
  }
  bool CannotParseAs(absl::string_view element) {
    fault_ = absl::StrCat("parsing time ", TimeQuoted(text_), " as \"2006-01-02\": cannot parse ",
                          TimeQuoted(rest_), " as \"", element, "\"");
    return false;
  }

  bool Take(absl::string_view element, size_t digits, int& number) {
    const absl::string_view taken = rest_.substr(0, digits);
    if (taken.size() < digits || taken.find_first_not_of("0123456789") != absl::string_view::npos ||
        !absl::SimpleAtoi(taken, &number)) {
      return CannotParseAs(element);
    }
    rest_.remove_prefix(digits);
    return true;
  }
  bool Dash() { return absl::ConsumePrefix(&rest_, "-") || CannotParseAs("-"); }

  const absl::string_view text_;
  absl::string_view rest_;
  FormatFault fault_;
};

size_t LeadingDigits(absl::string_view text) {
  return std::min(text.find_first_not_of("0123456789"), text.size());
}

// The numbers of "12:30:15", or what is wrong with them; `what` is "hour/min/sec".
FormatFault ReadNumbers(absl::string_view text, size_t count, absl::string_view what,
                        absl::string_view where, std::vector<int>& numbers) {
  for (const absl::string_view part :
       std::vector<absl::string_view>(absl::StrSplit(text, absl::MaxSplits(':', count - 1)))) {
    // A sign is let through, as by Go's Atoi.
    const bool sign = !part.empty() && (part[0] == '+' || part[0] == '-');
    const absl::string_view digits = part.substr(sign ? 1 : 0);
    int number = 0;
    if (digits.empty() || LeadingDigits(digits) != digits.size() ||
        !absl::SimpleAtoi(part, &number)) {
      return absl::StrCat("invalid ", what, where);
    }
    if (number < 0) return absl::StrCat("non-positive ", what, where);
    numbers.push_back(number);
  }
  return std::nullopt;
}

FormatFault Inside(absl::string_view what, FormatFault fault) {
  if (fault.has_value()) fault = absl::StrCat(what, *fault);
  return fault;
}

// "+02:00" as the minutes to add for UTC.
FormatFault ReadOffset(absl::string_view text, int& minutes) {
  if (text.size() != 6) return "offset must be 6 characters long";
  if (text[0] != '+' && text[0] != '-') return "offset must begin with plus/minus";
  const int sign = text[0] == '+' ? -1 : 1;
  text.remove_prefix(1);
  if (text[2] != ':') return "missing colon in offset in correct place";
  std::vector<int> numbers;
  FormatFault fault = ReadNumbers(text, 2, "hour/min", " in offset", numbers);
  if (fault.has_value()) return fault;
  if (numbers[0] > 23 || numbers[1] > 59) return "hour/min in offset out of range";
  minutes = sign * (numbers[0] * 60 + numbers[1]);
  return std::nullopt;
}

// The date's or the time's part of a duration, with its units in this order.
FormatFault CheckElements(absl::string_view text, absl::string_view units) {
  const absl::string_view all = units;
  while (!text.empty()) {
    const size_t digits = LeadingDigits(text);
    if (digits == 0) return "missing number";
    text.remove_prefix(digits);
    if (text.empty()) return "missing unit";
    const char unit = text[0];
    const size_t place = units.find(unit);
    if (place == absl::string_view::npos) {
      const std::string quoted = QuotedCharacter(static_cast<unsigned char>(unit));
      if (absl::StrContains(all, unit)) return absl::StrCat("unit ", quoted, " out of order");
      return absl::StrCat("invalid unit ", quoted);
    }
    units.remove_prefix(place + 1);
    text.remove_prefix(1);
  }
  return std::nullopt;
}

}  // namespace

FormatFault CheckDate(absl::string_view text) { return DateReader(text).Run(); }

FormatFault CheckTime(absl::string_view text) {
  if (text.size() < 9) return "less than 9 characters long";
  if (text[2] != ':' || text[5] != ':') return "missing colon in correct place";
  std::vector<int> numbers;
  FormatFault fault = ReadNumbers(text.substr(0, 8), 3, "hour/min/sec", "", numbers);
  if (fault.has_value()) return fault;
  if (numbers[0] > 23 || numbers[1] > 59 || numbers[2] > 60) return "hour/min/sec out of range";
  text.remove_prefix(8);
  if (absl::ConsumePrefix(&text, ".")) {
    const size_t digits = LeadingDigits(text);
    if (digits == 0) return "no digits in second fraction";
    text.remove_prefix(digits);
  }
  int minutes = numbers[0] * 60 + numbers[1];
  if (text != "z" && text != "Z") {
    int offset = 0;
    fault = ReadOffset(text, offset);
    if (fault.has_value()) return fault;
    minutes += offset;
    if (minutes < 0) minutes += 24 * 60;
  }
  // A leap second is the last of a day in UTC.
  if (numbers[2] == 60 && minutes != 23 * 60 + 59) return "invalid leap second";
  return std::nullopt;
}

FormatFault CheckDateTime(absl::string_view text) {
  if (text.size() < 20) return "less than 20 characters long";
  if (text[10] != 't' && text[10] != 'T') return "11th character must be t or T";
  FormatFault fault = Inside("invalid date element: ", CheckDate(text.substr(0, 10)));
  if (fault.has_value()) return fault;
  return Inside("invalid time element: ", CheckTime(text.substr(11)));
}

FormatFault CheckDuration(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "P")) return "must start with P";
  if (text.empty()) return "nothing after P";
  if (absl::ConsumeSuffix(&text, "W")) {
    if (text.empty()) return "no number in week";
    if (LeadingDigits(text) != text.size()) return "invalid week";
    return std::nullopt;
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(text, 'T');
  constexpr absl::string_view kUnits[] = {"YMD", "HMS"};
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && parts[i].empty()) return "no time elements";
    if (i > 1) return "more than one T";
    FormatFault fault = CheckElements(parts[i], kUnits[i]);
    if (fault.has_value()) return fault;
  }
  return std::nullopt;
}

FormatFault CheckPeriod(absl::string_view text) {
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos) return "missing slash";
  const absl::string_view start = text.substr(0, slash);
  const absl::string_view end = text.substr(slash + 1);
  const auto check = [](absl::string_view which, absl::string_view part) {
    return absl::StartsWith(part, "P")
               ? Inside(absl::StrCat("invalid ", which, " duration: "), CheckDuration(part))
               : Inside(absl::StrCat("invalid ", which, " date-time: "), CheckDateTime(part));
  };
  FormatFault fault = check("start", start);
  if (fault.has_value()) return fault;
  // Of two ends only one may be a duration.
  if (absl::StartsWith(start, "P")) return Inside("invalid end date-time: ", CheckDateTime(end));
  return check("end", end);
}

}  // namespace sluice::jsonschema
