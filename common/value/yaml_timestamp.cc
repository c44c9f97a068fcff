// YAML's dates and times.

// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "absl/strings/str_cat.h"
#include "common/value/yaml_scalar.h"

namespace sluice::value {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads the parts of a timestamp as Go's time.Parse does.
class TimestampReader {
 public:
  explicit TimestampReader(absl::string_view text) : rest_(text) {}

  bool Number(size_t min_digits, size_t max_digits, int& number) {
    size_t n = 0;
    number = 0;
    while (n < max_digits && n < rest_.size() && IsDigit(rest_[n])) {
      number = number * 10 + (rest_[n++] - '0');
    }
    rest_.remove_prefix(n);
    return n >= min_digits;
  }
  bool Skip(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool SkipBlanks() {
    if (rest_.empty() || rest_[0] != ' ') return false;
    while (!rest_.empty() && rest_[0] == ' ') rest_.remove_prefix(1);
    return true;
  }
  // ".123" as its digits, at most nine; empty if there is none.
  std::string Fraction() {
    std::string digits;
    if (rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !IsDigit(rest_[1])) {
      return digits;
    }
    size_t n = 1;
    for (; n < rest_.size() && IsDigit(rest_[n]); ++n) {
      if (digits.size() < 9) digits += rest_[n];
    }
    rest_.remove_prefix(n);
    while (!digits.empty() && digits.back() == '0') digits.pop_back();
    return digits;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  absl::string_view rest_;
};

int DaysIn(int month, int year) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[static_cast<size_t>(month - 1)];
}

std::string TwoDigits(int number) { return absl::StrCat(number < 10 ? "0" : "", number); }

}  // namespace

std::optional<std::string> YamlTimestampToRfc3339(absl::string_view text) {
  TimestampReader in(text);
  int year, month, day, hour = 0, minute = 0, second = 0;
  if (!in.Number(4, 4, year) || !in.Skip('-') || !in.Number(1, 2, month) || !in.Skip('-') ||
      !in.Number(1, 2, day)) {
    return std::nullopt;
  }
  if (month < 1 || month > 12 || day < 1 || day > DaysIn(month, year)) return std::nullopt;
  std::string fraction;
  std::string zone = "Z";
  if (!in.at_end()) {
    const bool letter = in.Skip('T') || in.Skip('t');
    if (!letter && !in.SkipBlanks()) return std::nullopt;
    if (!in.Number(1, 2, hour) || !in.Skip(':') || !in.Number(1, 2, minute) || !in.Skip(':') ||
        !in.Number(1, 2, second) || hour > 23 || minute > 59 || second > 59) {
      return std::nullopt;
    }
    fraction = in.Fraction();
    if (letter && !in.Skip('Z')) {
      const bool west = in.Skip('-');
      int zone_hour, zone_minute;
      if ((!west && !in.Skip('+')) || !in.Number(2, 2, zone_hour) || !in.Skip(':') ||
          !in.Number(2, 2, zone_minute) || zone_hour > 24 || zone_minute > 60) {
        return std::nullopt;
      }
      const int offset = zone_hour * 60 + zone_minute;
      if (offset != 0) {
        zone = absl::StrCat(west ? "-" : "+", TwoDigits(offset / 60), ":", TwoDigits(offset % 60));
      }
    }
    if (!in.at_end()) return std::nullopt;
  }
  return absl::StrCat(text.substr(0, 4), "-", TwoDigits(month), "-", TwoDigits(day), "T",
                      TwoDigits(hour), ":", TwoDigits(minute), ":", TwoDigits(second),
                      fraction.empty() ? "" : ".", fraction, zone);
}

}  // namespace sluice::value
