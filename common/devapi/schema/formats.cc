// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/formats.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/base/duration.h"
#include "common/devapi/schema/schema.h"

namespace sluice::devapi {
namespace {

bool IsAddress(int family, absl::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> buffer;
  return inet_pton(family, std::string(text).c_str(), buffer.data()) == 1;
}

bool IsIpv4(absl::string_view text) { return IsAddress(AF_INET, text); }
bool IsIpv6(absl::string_view text) { return IsAddress(AF_INET6, text); }

bool IsCidr(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  int bits = 0;
  if (parts.size() != 2 || parts[1].empty() || !absl::SimpleAtoi(parts[1], &bits) || bits < 0) {
    return false;
  }
  return (IsIpv4(parts[0]) && bits <= 32) || (IsIpv6(parts[0]) && bits <= 128);
}

bool IsDate(absl::string_view text) {
  static const Pattern* const kDate = new Pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
  if (!kDate->Matches(text)) return false;
  int year = 0, month = 0, day = 0;
  if (!absl::SimpleAtoi(text.substr(0, 4), &year) || !absl::SimpleAtoi(text.substr(5, 2), &month) ||
      !absl::SimpleAtoi(text.substr(8, 2), &day)) {
    return false;
  }
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool IsDateTime(absl::string_view text) {
  static const Pattern* const kTime = new Pattern(
      "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})$");
  const std::string lower = absl::AsciiStrToLower(text);
  const size_t t = lower.find('t');
  if (t == std::string::npos) return false;
  return IsDate(absl::string_view(lower).substr(0, t)) &&
         kTime->Matches(absl::string_view(lower).substr(t + 1));
}

bool IsDuration(absl::string_view text) {
  // Besides Go's durations ("1h30m"), one number and a unit in words ("3 days").
  static const Pattern* const kWords = new Pattern(
      "^[0-9]+\\s*(ns|nanos?|nanoseconds?|us|µs|micros?|microseconds?|ms|millis?|milliseconds?|"
      "s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)$");
  return ParseGoDuration(text).ok() || kWords->Matches(absl::AsciiStrToLower(text));
}

bool IsUri(absl::string_view text) {
  // net/url.ParseRequestURI: an absolute path, "*", or a scheme with something behind it.
  static const Pattern* const kScheme = new Pattern("^[a-zA-Z][a-zA-Z0-9+.-]*:");
  if (text.empty()) return false;
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) return false;
  }
  return text == "*" || text.front() == '/' || kScheme->Matches(text);
}

struct PatternFormat {
  absl::string_view name;
  const char* pattern;
};

// Formats that one regular expression describes.
constexpr PatternFormat kPatterns[] = {
    {"bsonobjectid", "^[0-9a-fA-F]{24}$"},
    {"byte", "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})?$"},
    {"email", "^[^@\\s<>]+@[^@\\s<>]+$"},
    {"hexcolor", "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"},
    {"hostname",
     "^([a-zA-Z0-9\\p{S}\\p{L}]((-?[a-zA-Z0-9\\p{S}\\p{L}]{0,62})?)|"
     "([a-zA-Z0-9\\p{S}\\p{L}](([a-zA-Z0-9-\\p{S}\\p{L}]{0,61}[a-zA-Z0-9\\p{S}\\p{L}])?)(\\.)){1,}"
     "([a-zA-Z\\p{L}]){2,63})$"},
    {"mac", "^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$"},
    {"rgbcolor", "^rgb\\(\\s*[0-9]{1,3}\\s*,\\s*[0-9]{1,3}\\s*,\\s*[0-9]{1,3}\\s*\\)$"},
    {"uuid", "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$"},
    {"uuid3", "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$"},
    {"uuid4", "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$"},
    {"uuid5", "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$"},
};

const Pattern& Compiled(size_t index) {
  static const auto* const kCompiled = [] {
    auto* patterns = new std::vector<std::unique_ptr<Pattern>>;
    for (const PatternFormat& row : kPatterns) {
      patterns->push_back(std::make_unique<Pattern>(row.pattern));
    }
    return patterns;
  }();
  return *(*kCompiled)[index];
}

struct FunctionFormat {
  absl::string_view name;
  bool (*matches)(absl::string_view);
};

constexpr FunctionFormat kFunctions[] = {
    {"cidr", IsCidr}, {"date", IsDate}, {"date-time", IsDateTime}, {"datetime", IsDateTime},
    {"ipv4", IsIpv4}, {"ipv6", IsIpv6}, {"duration", IsDuration},  {"uri", IsUri}};

}  // namespace

bool MatchesFormat(absl::string_view format, absl::string_view text) {
  for (const FunctionFormat& row : kFunctions) {
    if (row.name == format) return row.matches(text);
  }
  for (size_t i = 0; i < std::size(kPatterns); ++i) {
    if (kPatterns[i].name == format) return Compiled(i).Matches(text);
  }
  return true;
}

bool IsKnownFormat(absl::string_view format) {
  // Those that are known and not checked.
  static constexpr absl::string_view kOthers[] = {
      "creditcard", "double", "float",         "int32",          "int64",    "isbn",
      "isbn10",     "isbn13", "k8s-long-name", "k8s-short-name", "password", "ssn"};
  const auto named = [&](const auto& row) { return row.name == format; };
  return std::any_of(std::begin(kFunctions), std::end(kFunctions), named) ||
         std::any_of(std::begin(kPatterns), std::end(kPatterns), named) ||
         std::find(std::begin(kOthers), std::end(kOthers), format) != std::end(kOthers);
}

}  // namespace sluice::devapi
