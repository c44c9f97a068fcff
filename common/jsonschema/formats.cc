// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/formats.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/text/quote.h"
#include "common/text/regexp.h"
#include "common/text/utf8.h"

namespace sluice::jsonschema {
namespace {

bool IsAsciiDigit(char32_t c) { return c >= '0' && c <= '9'; }
bool IsAsciiLetter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsHexDigit(char32_t c) {
  return IsAsciiDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool IsIdentifier(char32_t c) { return IsAsciiDigit(c) || IsAsciiLetter(c) || c == '-'; }

FormatFault CheckJsonPointer(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text[0] != '/') return "not starting with /";
  for (size_t i = text.find('~'); i != absl::string_view::npos; i = text.find('~', i + 1)) {
    if (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')) {
      return "~ must be followed by 0 or 1";
    }
  }
  return std::nullopt;
}

FormatFault CheckRelativeJsonPointer(absl::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits]))) {
    ++digits;
  }
  if (digits == 0) return "must start with non-negative integer";
  if (digits > 1 && text[0] == '0') return "starts with zero";
  text.remove_prefix(digits);
  return text == "#" ? std::nullopt : CheckJsonPointer(text);
}

FormatFault CheckUuid(absl::string_view text) {
  constexpr size_t kSizes[] = {8, 4, 4, 4, 12};
  const std::vector<absl::string_view> groups = absl::StrSplit(text, '-');
  if (groups.size() != 5) return "must have 5 elements";
  for (size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].size() != kSizes[i]) {
      return absl::StrCat("element ", i + 1, " must be ", kSizes[i], " characters long");
    }
    FormatFault fault = FirstRefused(groups[i], IsHexDigit, "non-hex character ");
    if (fault.has_value()) return fault;
  }
  return std::nullopt;
}

FormatFault CheckRegex(absl::string_view text) {
  const auto compiled = text::Regexp::Compile(text);
  if (compiled.ok()) return std::nullopt;
  return std::string(compiled.status().message());
}

FormatFault CheckBuild(absl::string_view build) {
  if (build.empty()) return "build is empty";
  for (const absl::string_view identifier : absl::StrSplit(build, '.')) {
    if (identifier.empty()) return "build identifier is empty";
    FormatFault fault =
        FirstRefused(identifier, IsIdentifier, "invalid character ", " in build identifier");
    if (fault.has_value()) return fault;
  }
  return std::nullopt;
}

FormatFault CheckPreRelease(absl::string_view pre_release) {
  for (const absl::string_view identifier : absl::StrSplit(pre_release, '.')) {
    if (identifier.empty()) return "pre-release identifier is empty";
    FormatFault fault =
        FirstRefused(identifier, IsIdentifier, "invalid character ", " in pre-release identifier");
    if (fault.has_value()) return fault;
    const bool numeric = identifier.find_first_not_of("0123456789") == absl::string_view::npos;
    if (numeric && identifier.size() > 1 && identifier[0] == '0') {
      return "pre-release numeric identifier starts with zero";
    }
  }
  return std::nullopt;
}

constexpr Format kFormats[] = {
    {"json-pointer", CheckJsonPointer},
    {"relative-json-pointer", CheckRelativeJsonPointer},
    {"uuid", CheckUuid},
    {"duration", CheckDuration},
    {"period", CheckPeriod},
    {"ipv4", CheckIpv4},
    {"ipv6", CheckIpv6},
    {"hostname", CheckHostname},
    {"email", CheckEmail},
    {"date", CheckDate},
    {"time", CheckTime},
    {"date-time", CheckDateTime},
    {"uri", CheckUri},
    {"iri", CheckUri},
    {"uri-reference", CheckUriReference},
    {"iri-reference", CheckUriReference},
    {"uri-template", CheckUriTemplate},
    {"semver", CheckSemver},
    {"regex", CheckRegex},
};

}  // namespace

const Format* FindFormat(absl::string_view name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

std::string QuotedCharacter(char32_t character) {
  if (character == '"') return "'\"'";
  if (character == '\'') return "'\\''";
  std::string text;
  text::AppendCharacter(character, text);
  const std::string quoted = text::Quote(text);
  return absl::StrCat("'", quoted.substr(1, quoted.size() - 2), "'");
}

FormatFault FirstRefused(absl::string_view text, bool (*admits)(char32_t character),
                         absl::string_view before, absl::string_view after) {
  while (!text.empty()) {
    const text::Decoded first = text::DecodeFirst(text);
    if (!admits(first.character)) {
      return absl::StrCat(before, QuotedCharacter(first.character), after);
    }
    text.remove_prefix(first.size);
  }
  return std::nullopt;
}

FormatFault CheckSemver(absl::string_view text) {
  if (const size_t plus = text.find('+'); plus != absl::string_view::npos) {
    FormatFault fault = CheckBuild(text.substr(plus + 1));
    if (fault.has_value()) return fault;
    text = text.substr(0, plus);
  }
  if (const size_t dash = text.find('-'); dash != absl::string_view::npos) {
    FormatFault fault = CheckPreRelease(text.substr(dash + 1));
    if (fault.has_value()) return fault;
    text = text.substr(0, dash);
  }
  const std::vector<absl::string_view> numbers = absl::StrSplit(text, '.');
  if (numbers.size() != 3) return "versionCore must have 3 numbers separated by dot";
  constexpr absl::string_view kNames[] = {"major", "minor", "patch"};
  for (size_t i = 0; i < numbers.size(); ++i) {
    const absl::string_view number = numbers[i];
    if (number.empty()) return absl::StrCat(kNames[i], " is empty");
    if (number.size() > 1 && number[0] == '0') return absl::StrCat(kNames[i], " starts with zero");
    if (number.find_first_not_of("0123456789") != absl::string_view::npos) {
      return absl::StrCat(kNames[i], " contains non-digit");
    }
  }
  return std::nullopt;
}

}  // namespace sluice::jsonschema
