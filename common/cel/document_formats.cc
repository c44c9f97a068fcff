// SPDX-License-Identifier: Apache-2.0
#include "common/cel/document_formats.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/duration.h"
#include "common/cel/times.h"

namespace sluice::cel {
namespace {

struct Unit {
  absl::string_view names[3];
  absl::string_view prefix;  // of longer names
  int64_t nanoseconds;
};
constexpr Unit kUnits[] = {
    {{"ns", "", ""}, "nano", 1},
    {{"us", "\u00b5s", ""}, "micro", 1'000},
    {{"ms", "", ""}, "milli", 1'000'000},
    {{"s", "", ""}, "sec", 1'000'000'000},
    {{"m", "", ""}, "min", 60'000'000'000},
    {{"h", "hr", ""}, "hour", 3'600'000'000'000},
    {{"d", "", ""}, "day", 86'400'000'000'000},
    {{"w", "wk", ""}, "week", 604'800'000'000'000},
};

// The numbers with units in `text`, added up; nothing if there are none.
std::optional<int64_t> SumOfUnits(absl::string_view text) {
  uint64_t sum = 0;
  bool any = false;
  for (size_t i = 0; i < text.size();) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) {
      ++i;
      continue;
    }
    const size_t start = i;
    while (i < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) ++i;
    uint64_t number = 0;
    if (!absl::SimpleAtoi(text.substr(start, i - start), &number)) return std::nullopt;
    while (i < text.size() && absl::ascii_isspace(static_cast<unsigned char>(text[i]))) ++i;
    const size_t word = i;
    while (i < text.size() && (absl::ascii_isalpha(static_cast<unsigned char>(text[i])) ||
                               absl::StrContains("\u00b5", text[i]))) {
      ++i;
    }
    const std::string unit = absl::AsciiStrToLower(text.substr(word, i - word));
    if (unit.empty()) continue;
    for (const Unit& known : kUnits) {
      bool matches = absl::StartsWith(unit, known.prefix);
      for (const absl::string_view name : known.names) matches = matches || name == unit;
      if (!matches) continue;
      any = true;
      sum += number * static_cast<uint64_t>(known.nanoseconds);
    }
  }
  if (!any) return std::nullopt;
  return static_cast<int64_t>(sum);
}

}  // namespace

Value DurationFromDocument(absl::string_view text, Arena& arena) {
  if (const absl::StatusOr<absl::Duration> duration = ParseGoDuration(text); duration.ok()) {
    return Value::Duration(absl::ToInt64Nanoseconds(*duration));
  }
  if (const std::optional<int64_t> sum = SumOfUnits(text)) return Value::Duration(*sum);
  return Value::Error(
      absl::StrCat("Invalid duration ", text, ": unable to parse ", text, " as duration"), arena);
}

Value DateFromDocument(absl::string_view text, Arena& arena) {
  if (text.size() == 10) {
    if (const auto time = ParseTimestamp(absl::StrCat(text, "T00:00:00Z"))) {
      return Value::Time(*time);
    }
  }
  return Value::Error(absl::StrCat("Invalid date formatted string ", text), arena);
}

Value TimeFromDocument(absl::string_view text, Arena& arena) {
  if (text.empty()) return Value::Time({});
  for (const absl::string_view zone : {"", "Z"}) {
    if (const auto time = ParseTimestamp(absl::StrCat(text, zone))) return Value::Time(*time);
  }
  return Value::Error(absl::StrCat("Invalid date-time formatted string ", text), arena);
}

Value BytesFromDocument(absl::string_view text, Arena& arena) {
  std::string bytes;
  if (absl::Base64Unescape(text, &bytes)) return Value::Bytes(arena.Copy(bytes));
  return Value::Error(absl::StrCat("Invalid byte formatted string ", text), arena);
}

}  // namespace sluice::cel
