// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_scalar.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/value/go_syntax.h"
#include "common/value/yaml_timestamp.h"

namespace sluice::value {
namespace {

using Kind = YamlScalar::Kind;

constexpr auto kMaxInt = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
constexpr absl::string_view kLongTagPrefix = "tag:yaml.org,2002:";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

YamlScalar Bool(bool b) { return {.kind = Kind::kBool, .boolean = b}; }
YamlScalar Float(double d) { return {.kind = Kind::kFloat, .number = d}; }

// The fixed words: null, the booleans, the special floats and "<<".
std::optional<YamlScalar> Word(absl::string_view text, YamlDialect dialect) {
  struct Entry {
    absl::string_view word;
    YamlScalar scalar;
    bool only_v2 = false;
  };
  constexpr double kInf = std::numeric_limits<double>::infinity();
  static const Entry kWords[] = {
      {"~", {.kind = Kind::kNull}},
      {"null", {.kind = Kind::kNull}},
      {"Null", {.kind = Kind::kNull}},
      {"NULL", {.kind = Kind::kNull}},
      {"true", Bool(true)},
      {"True", Bool(true)},
      {"TRUE", Bool(true)},
      {"false", Bool(false)},
      {"False", Bool(false)},
      {"FALSE", Bool(false)},
      {"y", Bool(true), true},
      {"Y", Bool(true), true},
      {"yes", Bool(true), true},
      {"Yes", Bool(true), true},
      {"YES", Bool(true), true},
      {"on", Bool(true), true},
      {"On", Bool(true), true},
      {"ON", Bool(true), true},
      {"n", Bool(false), true},
      {"N", Bool(false), true},
      {"no", Bool(false), true},
      {"No", Bool(false), true},
      {"NO", Bool(false), true},
      {"off", Bool(false), true},
      {"Off", Bool(false), true},
      {"OFF", Bool(false), true},
      {".nan", Float(std::numeric_limits<double>::quiet_NaN())},
      {".NaN", Float(std::numeric_limits<double>::quiet_NaN())},
      {".NAN", Float(std::numeric_limits<double>::quiet_NaN())},
      {".inf", Float(kInf)},
      {".Inf", Float(kInf)},
      {".INF", Float(kInf)},
      {"+.inf", Float(kInf)},
      {"+.Inf", Float(kInf)},
      {"+.INF", Float(kInf)},
      {"-.inf", Float(-kInf)},
      {"-.Inf", Float(-kInf)},
      {"-.INF", Float(-kInf)},
  };
  if (text.size() > 5) return std::nullopt;
  for (const Entry& entry : kWords) {
    if (entry.word == text && !(entry.only_v2 && dialect == YamlDialect::kV3)) return entry.scalar;
  }
  return std::nullopt;
}

// [0-9]*(\.[0-9]*)?([eE][-+]?[0-9]+)? with a digit before the exponent; `text` has no sign.
bool IsDecimalFloat(absl::string_view text) {
  size_t i = 0;
  while (i < text.size() && IsDigit(text[i])) ++i;
  size_t digits = i;
  if (i < text.size() && text[i] == '.') {
    const size_t point = i++;
    while (i < text.size() && IsDigit(text[i])) ++i;
    digits += i - point - 1;
  }
  if (digits == 0) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    const size_t exponent = i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    if (i == exponent) return false;
  }
  return i == text.size();
}

// strconv.ParseFloat of a decimal float; nothing where it overflows.
std::optional<double> ParseFloat(absl::string_view text) {
  absl::string_view magnitude = text;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) magnitude.remove_prefix(1);
  if (!IsDecimalFloat(magnitude)) return std::nullopt;
  double number = 0;
  const auto [end, error] =
      std::from_chars(magnitude.data(), magnitude.data() + magnitude.size(), number);
  if (error == std::errc::result_out_of_range) {
    // Too large, or too small, which is not an error: strtod tells them apart.
    number = std::strtod(std::string(magnitude).c_str(), nullptr);
    if (std::isinf(number)) return std::nullopt;
  }
  return negative ? -number : number;
}

// Digits of `base` that fit 64 bits.
std::optional<uint64_t> ParseDigits(absl::string_view digits, int base) {
  uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number, base);
  if (digits.empty() || stop != end || error != std::errc()) return std::nullopt;
  return number;
}

// strconv.ParseInt then ParseUint, base 0, of text without underscores.
std::optional<YamlScalar> ParseInteger(absl::string_view text) {
  absl::string_view digits = text;
  const bool negative = digits[0] == '-';
  const bool sign = negative || digits[0] == '+';
  if (sign) digits.remove_prefix(1);
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char letter = static_cast<char>(digits[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    digits.remove_prefix(base == 0 ? 1 : 2);
    if (base == 0) base = 8;
  }
  const std::optional<uint64_t> magnitude = ParseDigits(digits, base);
  if (!magnitude.has_value()) return std::nullopt;
  if (negative) {
    if (*magnitude > kMaxInt + 1) return std::nullopt;
    return YamlScalar{.kind = Kind::kInt, .integer = static_cast<int64_t>(0 - *magnitude)};
  }
  if (*magnitude <= kMaxInt) {
    return YamlScalar{.kind = Kind::kInt, .integer = static_cast<int64_t>(*magnitude)};
  }
  if (sign) return std::nullopt;
  return YamlScalar{.kind = Kind::kUint, .unsigned_integer = *magnitude};
}

YamlScalar ResolveNumber(absl::string_view text, YamlDialect dialect) {
  std::string stripped;
  if (absl::StrContains(text, '_')) {
    for (const char c : text) {
      if (c != '_') stripped += c;
    }
    text = stripped;
  }
  if (text.empty()) return {};
  if (const std::optional<YamlScalar> integer = ParseInteger(text)) return *integer;
  if (const std::optional<double> number = ParseFloat(text)) return Float(*number);
  // go-yaml also takes a sign after 0b and, in v3, after 0o ("0b-1" is -1).
  const bool binary = absl::StartsWith(text, "0b");
  if (text.size() < 4 || (text[2] != '-' && text[2] != '+') ||
      !(binary || (dialect == YamlDialect::kV3 && absl::StartsWith(text, "0o")))) {
    return {};
  }
  const bool negative = text[2] == '-';
  const std::optional<uint64_t> magnitude = ParseDigits(text.substr(3), binary ? 2 : 8);
  if (!magnitude.has_value() || *magnitude > kMaxInt + (negative ? 1 : 0)) return {};
  return {.kind = Kind::kInt,
          .integer = static_cast<int64_t>(negative ? 0 - *magnitude : *magnitude)};
}

}  // namespace

YamlScalar ResolveYamlScalar(absl::string_view text, YamlDialect dialect) {
  if (text.empty()) return {.kind = Kind::kNull};
  switch (text[0]) {
    case '~':
    case 'y':
    case 'Y':
    case 'n':
    case 'N':
    case 't':
    case 'T':
    case 'f':
    case 'F':
    case 'o':
    case 'O':
      return Word(text, dialect).value_or(YamlScalar{});
    case '.':
      if (const std::optional<YamlScalar> word = Word(text, dialect)) return *word;
      if (const std::optional<double> number = ParseFloat(text)) return Float(*number);
      return {};
    case '+':
    case '-':
      if (const std::optional<YamlScalar> word = Word(text, dialect)) return *word;
      return ResolveNumber(text, dialect);
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      if (text.size() >= 8 && text[4] == '-' && YamlTimestampToRfc3339(text).has_value()) {
        return {.kind = Kind::kTimestamp};
      }
      return ResolveNumber(text, dialect);
    default:
      return {};
  }
}

absl::StatusOr<YamlScalar> ResolveTaggedYamlScalar(absl::string_view tag, absl::string_view text,
                                                   YamlDialect dialect) {
  const bool core = tag == "!!bool" || tag == "!!int" || tag == "!!float" || tag == "!!null" ||
                    tag == "!!timestamp";
  if (!core) return YamlScalar{};
  YamlScalar scalar = ResolveYamlScalar(text, dialect);
  if (scalar.kind == Kind::kTimestamp && tag != "!!timestamp")
    scalar = ResolveNumber(text, dialect);
  if (tag == YamlTagOf(scalar)) return scalar;
  if (tag == "!!float" && scalar.kind == Kind::kInt) {
    return Float(static_cast<double>(scalar.integer));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("yaml: cannot decode ", YamlTagOf(scalar), " `", text, "` as a ", tag));
}

absl::string_view YamlTagOf(const YamlScalar& scalar) {
  switch (scalar.kind) {
    case Kind::kNull:
      return "!!null";
    case Kind::kBool:
      return "!!bool";
    case Kind::kInt:
    case Kind::kUint:
      return "!!int";
    case Kind::kFloat:
      return "!!float";
    case Kind::kTimestamp:
      return "!!timestamp";
    case Kind::kMerge:
      return "!!merge";
    case Kind::kString:
      return "!!str";
  }
  return "!!str";
}

std::string ShortYamlTag(absl::string_view tag) {
  if (!absl::StartsWith(tag, kLongTagPrefix)) return std::string(tag);
  return absl::StrCat("!!", tag.substr(kLongTagPrefix.size()));
}

std::string FormatYamlFloat(double number, int bits) {
  if (bits == 32) number = static_cast<float>(number);
  if (std::isnan(number)) return ".nan";
  if (std::isinf(number)) return number < 0 ? "-.inf" : ".inf";
  return GoFloat(number, bits);
}

std::optional<std::string> DecodeYamlBinary(absl::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '\r' && c != '\n') digits += c;
  }
  // Padding is required, and nothing may follow it.
  std::string bytes;
  if (digits.size() % 4 != 0 || absl::StrContains(digits, ' ') ||
      !absl::Base64Unescape(digits, &bytes)) {
    return std::nullopt;
  }
  return bytes;
}

std::string EncodeYamlBinary(absl::string_view bytes) {
  constexpr size_t kLine = 70;
  const std::string digits = absl::Base64Escape(bytes);
  if (digits.size() < kLine) return digits;
  std::string lines;
  for (size_t i = 0; i < digits.size(); i += kLine) {
    absl::StrAppend(&lines, absl::string_view(digits).substr(i, kLine), "\n");
  }
  return lines;
}

bool LooksTypedInYaml(absl::string_view text) {
  return ResolveYamlScalar(text, YamlDialect::kV2).kind != Kind::kString ||
         ResolveYamlScalar(text, YamlDialect::kV3).kind != Kind::kString || IsBase60Float(text);
}

bool IsBase60Float(absl::string_view text) {
  // [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?
  const auto digit = [&](size_t i) { return i < text.size() && IsDigit(text[i]); };
  const auto digits = [&](size_t i) {
    while (digit(i) || (i < text.size() && text[i] == '_')) ++i;
    return i;
  };
  size_t i = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  if (!digit(i)) return false;
  const size_t first = i = digits(i);
  while (i < text.size() && text[i] == ':' && digit(i + 1)) {
    i += digit(i + 2) && text[i + 1] <= '5' ? 3 : 2;
  }
  if (i == first) return false;
  if (i < text.size() && text[i] == '.') i = digits(i + 1);
  return i == text.size();
}

}  // namespace sluice::value
