// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/toml_number.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/gotmpl/literal.h"
#include "common/sprig/time_layout.h"
#include "common/sprig/time_types.h"
#include "common/sprig/toml_key.h"
#include "common/text/quote.h"

namespace sluice::sprig {
namespace {

using gotmpl::Value;

absl::Status Refused(absl::string_view message) { return absl::InvalidArgumentError(message); }

bool UnderscoresStandBetweenDigits(absl::string_view text) {
  bool digit = false;
  for (const char c : text) {
    if (c == '_' && !digit) return false;
    digit = absl::ascii_isxdigit(static_cast<unsigned char>(c));
  }
  return digit;
}

bool HasLeadingZero(absl::string_view text) {
  if (text.size() > 1 && text[0] == '0') return !absl::StrContains("box", text[1]);
  return text.size() > 2 && (text[0] == '-' || text[0] == '+') && text[1] == '0';
}

bool PointsStandBeforeDigits(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '.') continue;
    if (i + 1 == text.size() || !absl::ascii_isdigit(static_cast<unsigned char>(text[i + 1]))) {
      return false;
    }
  }
  return true;
}

// Go's ParseTime reads "1" for "01"; the separators then stand elsewhere than in the layout.
bool LacksZero(absl::string_view text, absl::string_view layout) {
  for (size_t i = 0; i < layout.size() && layout[i] != '.' && layout[i] != 'Z'; ++i) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(layout[i]))) continue;
    if (i >= text.size() || text[i] != layout[i]) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<Value> TomlInteger(absl::string_view text) {
  const std::string invalid = absl::StrCat("Invalid integer ", text::Quote(text), ": ");
  if (!UnderscoresStandBetweenDigits(text)) {
    return Refused(absl::StrCat(invalid, "underscores must be surrounded by digits"));
  }
  if (HasLeadingZero(text)) {
    return Refused(absl::StrCat(invalid, "cannot have leading zeroes"));
  }
  if (const auto number = gotmpl::ParseInt(text, 0)) return Value::Int64(*number);
  return Refused(absl::StrCat(text, " is out of range for int64"));
}

absl::StatusOr<Value> TomlFloat(absl::string_view text) {
  if (absl::EndsWith(text, "inf") || absl::EndsWith(text, "nan")) {
    const double sign = text[0] == '-' ? -1 : 1;
    return Value::Float(std::copysign(absl::EndsWith(text, "inf")
                                          ? std::numeric_limits<double>::infinity()
                                          : std::numeric_limits<double>::quiet_NaN(),
                                      sign));
  }
  const std::string invalid = absl::StrCat("Invalid float ", text::Quote(text), ": ");
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text, absl::ByAnyChar(".eE"), absl::SkipEmpty());
  if (!std::all_of(parts.begin(), parts.end(), UnderscoresStandBetweenDigits)) {
    return Refused(absl::StrCat(invalid, "underscores must be surrounded by digits"));
  }
  if (!parts.empty() && HasLeadingZero(parts[0])) {
    return Refused(absl::StrCat(invalid, "cannot have leading zeroes"));
  }
  if (!PointsStandBeforeDigits(text)) {
    return Refused(absl::StrCat(invalid, "'.' must be followed by one or more digits"));
  }
  double number = 0;
  if (!absl::SimpleAtod(absl::StrReplaceAll(text, {{"_", ""}}), &number)) {
    return Refused(absl::StrCat("Invalid float value: ", text::Quote(text)));
  }
  if (std::isinf(number)) return Refused(absl::StrCat(text, " is out of range for float64"));
  return Value::Float(number);
}

absl::StatusOr<Value> TomlTime(absl::string_view written) {
  const std::string text = absl::StrReplaceAll(absl::StripAsciiWhitespace(written),
                                               {{"z", "Z"}, {"t", "T"}, {" ", "T"}});
  for (const TomlTimeForm& form : TomlTimeForms()) {
    const absl::StatusOr<Moment> moment = ParseTime(form.layout, text, form.location);
    if (!moment.ok()) continue;
    if (LacksZero(text, form.layout)) break;
    return FromMoment(*moment);
  }
  return Refused(absl::StrCat("invalid datetime: ", text::Quote(text)));
}

}  // namespace sluice::sprig
