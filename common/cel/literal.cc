// SPDX-License-Identifier: Apache-2.0
#include "common/cel/literal.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/text/utf8.h"

namespace sluice::cel {
namespace {

char32_t Digits(absl::string_view digits, unsigned base) {
  char32_t number = 0;
  for (const char c : digits) {
    const unsigned digit =
        c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 0x20) - 'a') + 10;
    number = number * base + digit;
  }
  return number;
}

char Simple(char c) {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return c;  // quotes, backslash, question mark
  }
}

// Line ends become \n.
std::string NormalizedLines(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
      continue;
    }
    out += '\n';
    if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  return out;
}

}  // namespace

absl::StatusOr<std::string> Unquote(absl::string_view literal, bool bytes) {
  bool raw = false;
  if (!literal.empty() && (literal[0] == 'r' || literal[0] == 'R')) {
    raw = true;
    literal.remove_prefix(1);
  }
  const size_t quotes = literal.size() >= 6 && literal[0] == literal[1] &&
                                literal[1] == literal[2] &&
                                literal[literal.size() - 1] == literal[0]
                            ? 3
                            : 1;
  literal = literal.substr(quotes, literal.size() - 2 * quotes);
  const std::string text = NormalizedLines(literal);
  if (raw) return text;

  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out += text[i++];
      continue;
    }
    const char c = text[i + 1];
    size_t digits = 0;
    unsigned base = 16;
    size_t from = i + 2;
    if (c == 'x' || c == 'X') {
      digits = 2;
    } else if (c == 'u') {
      digits = 4;
    } else if (c == 'U') {
      digits = 8;
    } else if (c >= '0' && c <= '3') {
      digits = 3;
      base = 8;
      from = i + 1;
    }
    if (digits == 0) {
      out += Simple(c);
      i += 2;
      continue;
    }
    const char32_t number = Digits(absl::string_view(text).substr(from, digits), base);
    if (bytes) {
      if (c == 'u' || c == 'U') return absl::InvalidArgumentError("unable to unescape string");
      out += static_cast<char>(number);
    } else {
      if (number > 0x10FFFF || (number >= 0xD800 && number < 0xE000)) {
        return absl::InvalidArgumentError("invalid unicode code point");
      }
      text::AppendCharacter(number, out);
    }
    i = from + digits;
  }
  return out;
}

std::optional<uint64_t> ParseUint(absl::string_view digits) {
  if (absl::EndsWithIgnoreCase(digits, "u")) digits.remove_suffix(1);
  const bool hex = absl::ConsumePrefix(&digits, "0x");
  const uint64_t base = hex ? 16 : 10;
  uint64_t number = 0;
  for (const char c : digits) {
    const uint64_t digit =
        c <= '9' ? static_cast<uint64_t>(c - '0') : static_cast<uint64_t>((c | 0x20) - 'a') + 10;
    if (number > (std::numeric_limits<uint64_t>::max() - digit) / base) return std::nullopt;
    number = number * base + digit;
  }
  return number;
}

std::optional<int64_t> ParseInt(absl::string_view digits, bool negative) {
  const std::optional<uint64_t> magnitude = ParseUint(digits);
  constexpr uint64_t kLimit = uint64_t{1} << 63;
  if (!magnitude.has_value() || *magnitude > kLimit || (*magnitude == kLimit && !negative)) {
    return std::nullopt;
  }
  return static_cast<int64_t>(negative ? 0 - *magnitude : *magnitude);
}

}  // namespace sluice::cel
