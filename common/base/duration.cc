// SPDX-License-Identifier: Apache-2.0
#include "common/base/duration.h"

#include <cstdint>
#include <cstdlib>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace sluice {
namespace {

struct Unit {
  absl::string_view name;
  int64_t nanoseconds;
};
// Longer names first, so that "ms" is not read as "m".
constexpr Unit kUnits[] = {
    {"ns", 1},           {"us", 1000},      {"\xc2\xb5s", 1000},  // micro sign
    {"\xce\xbcs", 1000},                                          // Greek mu
    {"ms", 1000000},     {"s", 1000000000}, {"m", 60000000000},  {"h", 3600000000000}};

const Unit* TakeUnit(absl::string_view& rest) {
  size_t length = 0;
  while (length < rest.size() && rest[length] != '.' && !absl::ascii_isdigit(rest[length])) {
    ++length;
  }
  for (const Unit& unit : kUnits) {
    if (rest.substr(0, length) == unit.name) {
      rest.remove_prefix(length);
      return &unit;
    }
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<absl::Duration> ParseGoDuration(absl::string_view text) {
  const auto invalid = [&](absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat("time: ", what, " \"", absl::CHexEscape(text), "\""));
  };
  absl::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
    negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  if (rest == "0") return absl::ZeroDuration();
  if (rest.empty()) return invalid("invalid duration");
  long double total = 0;
  while (!rest.empty()) {
    long double number = 0;
    bool any_digit = false;
    while (!rest.empty() && absl::ascii_isdigit(rest[0])) {
      number = number * 10 + (rest[0] - '0');
      any_digit = true;
      rest.remove_prefix(1);
    }
    if (!rest.empty() && rest[0] == '.') {
      rest.remove_prefix(1);
      long double scale = 1;
      while (!rest.empty() && absl::ascii_isdigit(rest[0])) {
        scale /= 10;
        number += scale * (rest[0] - '0');
        any_digit = true;
        rest.remove_prefix(1);
      }
    }
    if (!any_digit) return invalid("invalid duration");
    if (rest.empty()) return invalid("missing unit in duration");
    const absl::string_view unit_text = rest;
    const Unit* unit = TakeUnit(rest);
    if (unit == nullptr) {
      const size_t end = unit_text.find_first_of(".0123456789");
      return invalid(absl::StrCat("unknown unit \"", absl::CHexEscape(unit_text.substr(0, end)),
                                  "\" in duration"));
    }
    total += number * static_cast<long double>(unit->nanoseconds);
    if (total > static_cast<long double>(std::numeric_limits<int64_t>::max())) {
      return invalid("invalid duration");
    }
  }
  const auto nanoseconds = static_cast<int64_t>(total + 0.5L * (total < 9e18L ? 1e-6L : 0));
  return absl::Nanoseconds(negative ? -nanoseconds : nanoseconds);
}

std::string FormatGoDuration(absl::Duration duration) {
  int64_t ns = absl::ToInt64Nanoseconds(duration);
  if (ns == 0) return "0s";
  const bool negative = ns < 0;
  uint64_t left = negative ? uint64_t{0} - static_cast<uint64_t>(ns) : static_cast<uint64_t>(ns);
  const auto fraction = [](uint64_t value, uint64_t unit) {
    std::string text = absl::StrCat(value / unit);
    if (uint64_t rest = value % unit; rest != 0) {
      std::string digits = absl::StrCat(unit + rest).substr(1);
      while (digits.back() == '0') digits.pop_back();
      absl::StrAppend(&text, ".", digits);
    }
    return text;
  };
  std::string text = negative ? "-" : "";
  if (left < 1000) return absl::StrCat(text, left, "ns");
  if (left < 1000000) return absl::StrCat(text, fraction(left, 1000), "\xc2\xb5s");
  if (left < 1000000000) return absl::StrCat(text, fraction(left, 1000000), "ms");
  const uint64_t minutes = left / 60000000000;
  if (minutes >= 60) absl::StrAppend(&text, minutes / 60, "h");
  if (minutes > 0) absl::StrAppend(&text, minutes % 60, "m");
  absl::StrAppend(&text, fraction(left % 60000000000, 1000000000), "s");
  return text;
}

std::string FormatRfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::string FormatRfc3339Nano(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

absl::StatusOr<absl::Time> ParseRfc3339(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", absl::CEscape(text), "\" is not an RFC 3339 time: ", error));
  }
  return time;
}

}  // namespace sluice
