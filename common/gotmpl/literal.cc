// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/literal.h"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/text/quote.h"
#include "common/text/utf8.h"

namespace sluice::gotmpl {
namespace {

absl::Status InvalidSyntax() { return absl::InvalidArgumentError("invalid syntax"); }

int DigitOf(char c) {
  if (absl::ascii_isdigit(c)) return c - '0';
  if (absl::ascii_isalpha(c)) return absl::ascii_tolower(c) - 'a' + 10;
  return 99;
}

// Reads `count` digits of `base` from the front of `text`.
std::optional<uint32_t> TakeDigits(absl::string_view& text, size_t count, int base) {
  if (text.size() < count) return std::nullopt;
  uint32_t code = 0;
  for (size_t i = 0; i < count; ++i) {
    const int digit = DigitOf(text[i]);
    if (digit >= base) return std::nullopt;
    code = code * static_cast<uint32_t>(base) + static_cast<uint32_t>(digit);
  }
  text.remove_prefix(count);
  return code;
}

// One character or escape from the front of `text`, inside of `quote`s.
struct Unquoted {
  char32_t character;
  bool is_byte;  // \x and octal escapes give bytes, not characters
};

std::optional<Unquoted> TakeCharacter(absl::string_view& text, char quote) {
  if (text.empty() || text[0] == quote) return std::nullopt;
  if (text[0] != '\\') {
    const text::Decoded first = text::DecodeFirst(text);
    text.remove_prefix(first.size);
    return Unquoted{first.character, false};
  }
  if (text.size() < 2) return std::nullopt;
  const char kind = text[1];
  if (kind >= '0' && kind <= '7') {
    text.remove_prefix(1);
    const std::optional<uint32_t> code = TakeDigits(text, 3, 8);
    if (!code.has_value() || *code > 255) return std::nullopt;
    return Unquoted{*code, true};
  }
  text.remove_prefix(2);
  if (kind == 'x' || kind == 'u' || kind == 'U') {
    const std::optional<uint32_t> code = TakeDigits(text,
                                                    kind == 'x'   ? 2
                                                    : kind == 'u' ? 4
                                                                  : 8,
                                                    16);
    if (!code.has_value()) return std::nullopt;
    if (kind == 'x') return Unquoted{*code, true};
    if (*code > 0x10FFFF || (*code >= 0xD800 && *code < 0xE000)) return std::nullopt;
    return Unquoted{*code, false};
  }
  if (kind == '\\' || kind == quote) return Unquoted{static_cast<char32_t>(kind), false};
  constexpr absl::string_view kNames = "abfnrtv";
  const size_t name = kNames.find(kind);
  if (name == absl::string_view::npos) return std::nullopt;
  return Unquoted{static_cast<char32_t>("\a\b\f\n\r\t\v"[name]), false};
}

// Whether underscores stand between digits (or after a base prefix) only.
bool UnderscoresFit(absl::string_view text) {
  if (absl::StartsWith(text, "+") || absl::StartsWith(text, "-")) text.remove_prefix(1);
  bool after_digit = false;
  bool hex = false;
  if (text.size() >= 2 && text[0] == '0') {
    const char prefix = absl::ascii_tolower(text[1]);
    if (prefix == 'b' || prefix == 'o' || prefix == 'x') {
      hex = prefix == 'x';
      after_digit = true;
      text.remove_prefix(2);
    }
  }
  bool after_underscore = false;
  for (const char c : text) {
    const bool digit = absl::ascii_isdigit(c) || (hex && absl::ascii_isxdigit(c));
    if (c == '_' ? !after_digit : after_underscore && !digit) return false;
    after_digit = digit;
    after_underscore = c == '_';
  }
  return !after_underscore;
}

std::string WithoutUnderscores(absl::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c != '_') plain += c;
  }
  return plain;
}

// Whether `text` without sign has the form of a decimal or hexadecimal floating-point literal.
bool IsFloatSyntax(absl::string_view text) {
  const bool hex = absl::StartsWithIgnoreCase(text, "0x");
  if (hex) text.remove_prefix(2);
  size_t digits = 0;
  bool point = false;
  while (!text.empty()) {
    const char c = text[0];
    if (c == '.') {
      if (point) return false;
      point = true;
    } else if (absl::ascii_isdigit(c) || (hex && absl::ascii_isxdigit(c))) {
      ++digits;
    } else {
      break;
    }
    text.remove_prefix(1);
  }
  if (digits == 0) return false;
  if (text.empty()) return !hex;  // a hexadecimal number needs an exponent
  if (absl::ascii_tolower(text[0]) != (hex ? 'p' : 'e')) return false;
  text.remove_prefix(1);
  if (absl::StartsWith(text, "+") || absl::StartsWith(text, "-")) text.remove_prefix(1);
  if (text.empty()) return false;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return true;
}

// The integers that a floating-point number is equal to.
void AddIntegers(double number, Number& result) {
  if (std::trunc(number) != number) return;
  if (!result.integer && number >= -0x1p63 && number < 0x1p63) {
    result.integer = static_cast<int64_t>(number);
  }
  if (!result.unsigned_integer && number >= 0 && number < 0x1p64) {
    result.unsigned_integer = static_cast<uint64_t>(number);
  }
}

Number FromComplex(std::complex<double> value) {
  Number number;
  number.complex = value;
  if (value.imag() == 0) {
    number.floating = value.real();
    AddIntegers(value.real(), number);
  }
  return number;
}

absl::StatusOr<Number> ParseCharacter(absl::string_view literal) {
  absl::string_view rest = literal.substr(1);
  const std::optional<Unquoted> unquoted = TakeCharacter(rest, '\'');
  if (!unquoted.has_value()) return InvalidSyntax();
  if (rest != "'") {
    return absl::InvalidArgumentError(absl::StrCat("malformed character constant: ", literal));
  }
  const auto code = static_cast<uint32_t>(unquoted->character);
  return Number{.integer = code, .unsigned_integer = code, .floating = code, .complex = {}};
}

}  // namespace

absl::StatusOr<std::string> Unquote(absl::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back()) return InvalidSyntax();
  const char quote = literal[0];
  absl::string_view rest = literal.substr(1, literal.size() - 2);
  std::string text;
  if (quote == '`') {
    if (absl::StrContains(rest, '`')) return InvalidSyntax();
    for (const char c : rest) {
      if (c != '\r') text += c;  // as in Go's source files
    }
    return text;
  }
  if (quote != '"') return InvalidSyntax();
  text.reserve(rest.size());
  while (!rest.empty()) {
    if (rest[0] == '\n') return InvalidSyntax();
    if (rest[0] != '\\' && rest[0] != '"') {  // copied as it is, also what is not UTF-8
      text += rest[0];
      rest.remove_prefix(1);
      continue;
    }
    const std::optional<Unquoted> unquoted = TakeCharacter(rest, '"');
    if (!unquoted.has_value()) return InvalidSyntax();
    if (unquoted->is_byte) {
      text += static_cast<char>(unquoted->character);
    } else {
      text::AppendCharacter(unquoted->character, text);
    }
  }
  return text;
}

std::optional<uint64_t> ParseUint(absl::string_view text, int base) {
  if (base == 0) {
    if (!UnderscoresFit(text)) return std::nullopt;
    const std::string plain = WithoutUnderscores(text);
    absl::string_view digits = plain;
    base = 10;
    if (digits.size() > 1 && digits[0] == '0') {
      const char prefix = absl::ascii_tolower(digits[1]);
      base = prefix == 'x' ? 16 : prefix == 'b' ? 2 : 8;
      digits.remove_prefix(prefix == 'x' || prefix == 'b' || prefix == 'o' ? 2 : 1);
    }
    return ParseUint(digits, base);
  }
  if (text.empty()) return std::nullopt;
  const auto factor = static_cast<uint64_t>(base);
  uint64_t number = 0;
  for (const char c : text) {
    const int digit = DigitOf(c);
    if (digit >= base) return std::nullopt;
    const uint64_t added = static_cast<uint64_t>(digit);
    if (number > (std::numeric_limits<uint64_t>::max() - added) / factor) return std::nullopt;
    number = number * factor + added;
  }
  return number;
}

std::optional<int64_t> ParseInt(absl::string_view text, int base) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  if (!negative) absl::ConsumePrefix(&text, "+");
  const std::optional<uint64_t> magnitude = ParseUint(text, base);
  const uint64_t bound = uint64_t{1} << 63;
  if (!magnitude.has_value() || *magnitude > (negative ? bound : bound - 1)) return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - *magnitude : *magnitude);
}

std::optional<double> ParseFloat(absl::string_view text) {
  absl::string_view unsigned_text = text;
  const bool negative = absl::ConsumePrefix(&unsigned_text, "-");
  if (!negative) absl::ConsumePrefix(&unsigned_text, "+");
  if (absl::EqualsIgnoreCase(unsigned_text, "inf") ||
      absl::EqualsIgnoreCase(unsigned_text, "infinity")) {
    const double infinity = std::numeric_limits<double>::infinity();
    return negative ? -infinity : infinity;
  }
  if (absl::EqualsIgnoreCase(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
  if (absl::StrContains(text, '_') && !UnderscoresFit(text)) return std::nullopt;
  const std::string plain = WithoutUnderscores(unsigned_text);
  if (!IsFloatSyntax(plain)) return std::nullopt;
  const double number = std::strtod(plain.c_str(), nullptr);
  if (std::isinf(number)) return std::nullopt;
  return negative ? -number : number;
}

absl::StatusOr<Number> ParseNumber(absl::string_view literal) {
  if (absl::StartsWith(literal, "'")) return ParseCharacter(literal);
  if (absl::EndsWith(literal, "i")) {
    const absl::string_view digits = literal.substr(0, literal.size() - 1);
    if (const std::optional<double> imaginary = ParseFloat(digits)) {
      return FromComplex({0, *imaginary});
    }
    // A sum is split at its last sign that belongs to no exponent.
    for (size_t i = digits.size(); i-- > 1;) {
      if (digits[i] != '+' && digits[i] != '-') continue;
      const std::optional<double> real = ParseFloat(digits.substr(0, i));
      const std::optional<double> imaginary = ParseFloat(digits.substr(i));
      if (real && imaginary) return FromComplex({*real, *imaginary});
    }
  }
  Number number;
  number.unsigned_integer = ParseUint(literal, 0);
  number.integer = ParseInt(literal, 0);
  if (number.integer == 0) number.unsigned_integer = 0;  // -0
  if (number.integer) {
    number.floating = static_cast<double>(*number.integer);
  } else if (number.unsigned_integer) {
    number.floating = static_cast<double>(*number.unsigned_integer);
  } else if ((number.floating = ParseFloat(literal))) {
    if (literal.find_first_of(".eEpP") == absl::string_view::npos) {
      return absl::InvalidArgumentError(absl::StrCat("integer overflow: ", text::Quote(literal)));
    }
    AddIntegers(*number.floating, number);
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("illegal number syntax: ", text::Quote(literal)));
  }
  return number;
}

}  // namespace sluice::gotmpl
