// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/toml_scanner.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/text/quote.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::sprig {
namespace {

bool IsBlank(char32_t c) { return c == ' ' || c == '\t'; }
bool IsLineBreak(char32_t c) { return c == '\n' || c == '\r'; }
bool IsDigit(char32_t c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char32_t c) {
  return c < 0x80 && absl::ascii_isxdigit(static_cast<unsigned char>(c));
}
bool IsOneOf(char32_t c, absl::string_view set) {
  return c != 0 && c < 0x80 && absl::StrContains(set, static_cast<char>(c));
}
bool IsBareKeyCharacter(char32_t c) {
  return c < 0x80 && (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-');
}

// A line break at the beginning of a long string does not count.
absl::string_view WithoutFirstBreak(absl::string_view raw) {
  if (absl::StartsWith(raw, "\n")) return raw.substr(1);
  return absl::StartsWith(raw, "\r\n") ? raw.substr(2) : raw;
}

// A backslash at the end of a line, and all space behind it, taken away.
std::string WithoutEscapedBreaks(absl::string_view raw) {
  std::string out;
  for (size_t at = 0; at < raw.size();) {
    if (raw[at] != '\\') {
      out += raw[at++];
      continue;
    }
    const size_t next = std::min(raw.find_first_not_of(" \t\r\n", at + 1), raw.size());
    if (absl::StrContains(raw.substr(at, next - at), '\n')) {
      at = next;
      continue;
    }
    out += raw[at++];
    if (at < raw.size() && raw[at] == '\\') out += raw[at++];
  }
  return out;
}

}  // namespace

std::string QuotedCharacter(char32_t character) {
  std::string text;
  text::AppendCharacter(character, text);
  return text::QuoteWith(text, '\'', /*ascii=*/false);
}

void TomlScanner::Fail(absl::string_view message, int line) {
  if (failed_) return;
  failed_ = true;
  error_ = std::string(message);
  error_line_ = line;
  at_ = text_.size();
}

void TomlScanner::FailHere(absl::string_view message) {
  const bool after_break = at_end_ && at_ >= 1 && text_[at_ - 1] == '\n';
  Fail(message, after_break ? line_ - 1 : line_);
}

void TomlScanner::FailAtNext(absl::string_view before, absl::string_view after) {
  const char32_t c = Next();
  FailHere(absl::StrCat(before, QuotedCharacter(c), after));
}

char32_t TomlScanner::Next() {
  if (at_ >= text_.size()) {
    at_end_ = true;
    return kEnd;
  }
  if (text_[at_] == '\n') ++line_;
  const text::Decoded decoded = text::DecodeFirst(text_.substr(at_));
  const char32_t c = decoded.character;
  if (!decoded.valid) {
    Fail(absl::StrFormat("invalid UTF-8 byte: 0x%02x", static_cast<unsigned char>(text_[at_])),
         line_);
    return kEnd;
  }
  const bool lone_return = c == '\r' && text_.substr(at_ + 1, 1) != "\n";
  if (lone_return || c == 0x7F || (c < 0x20 && !IsBlank(c) && !IsLineBreak(c))) {
    Fail(absl::StrFormat("TOML files cannot contain control characters: '0x%02x'",
                         static_cast<uint32_t>(c)),
         line_);
    return kEnd;
  }
  at_ += decoded.size;
  return c;
}

void TomlScanner::Back(size_t position, int line) {
  if (failed_) return;
  at_ = position;
  line_ = line;
  at_end_ = false;
}

char32_t TomlScanner::Peek() {
  const size_t position = at_;
  const int line = line_;
  const char32_t c = Next();
  Back(position, line);
  return c;
}

bool TomlScanner::Take(char32_t c) {
  if (at_ >= text_.size() || Peek() != c) return false;
  Next();
  return true;
}

void TomlScanner::SkipBlanks() {
  while (IsBlank(Peek())) Next();
}

void TomlScanner::SkipSpace() {
  for (;;) {
    const char32_t c = Peek();
    if (!IsBlank(c) && !IsLineBreak(c) && c != '#') return;
    Next();
    if (c == '#') SkipComment();
  }
}

void TomlScanner::SkipComment() {
  while (at_ < text_.size() && !IsLineBreak(Peek())) Next();
}

std::string TomlScanner::KeyPart() {
  const char32_t c = Peek();
  if (c == '"') {
    Next();
    return BasicString();
  }
  if (c == '\'') {
    Next();
    return RawString();
  }
  const size_t start = at_;
  while (IsBareKeyCharacter(Peek())) Next();
  return std::string(failed_ ? "" : text_.substr(start, at_ - start));
}

std::string TomlScanner::String() {
  const char quote = static_cast<char>(Next());
  if (absl::StartsWith(text_.substr(at_), std::string(2, quote))) {
    Next();
    Next();
    return LongString(quote);
  }
  return quote == '"' ? BasicString() : RawString();
}

char32_t TomlScanner::LineCharacter(char quote) {
  const char32_t c = Next();
  if (failed_) return kEnd;
  if (at_end_) {
    FailHere(quote == '"' ? "unexpected EOF; expected '\"'" : "unexpected EOF; expected \"'\"");
  } else if (IsLineBreak(c)) {
    Fail("strings cannot contain newlines", line_ - 1);
  }
  return c;
}

std::string TomlScanner::BasicString() {
  const size_t start = at_;
  for (;;) {
    const size_t before = at_;
    const char32_t c = LineCharacter('"');
    if (failed_) return "";
    if (c == '"') return Decoded(text_.substr(start, before - start));
    if (c == '\\' && !Escape(start)) return "";
  }
}

std::string TomlScanner::RawString() {
  const size_t start = at_;
  for (;;) {
    const size_t before = at_;
    const char32_t c = LineCharacter('\'');
    if (failed_) return "";
    if (c == '\'') return std::string(text_.substr(start, before - start));
  }
}

// The string may end with one or two quotes of its own.
std::string TomlScanner::LongString(char quote) {
  const std::string three(3, quote);
  const size_t start = at_;
  for (;;) {
    const size_t before = at_;
    const char32_t c = Next();
    if (failed_) return "";
    if (at_end_) {
      FailHere(quote == '"' ? "unexpected EOF; expected '\"\"\"'"
                            : "unexpected EOF; expected \"'''\"");
      return "";
    }
    if (quote == '"' && c == '\\') {
      if (!IsLineBreak(Peek()) && !Escape(start)) return "";
      continue;
    }
    if (c != static_cast<unsigned char>(quote)) continue;
    size_t quotes = 1;
    while (quotes < 6 && Take(static_cast<unsigned char>(quote))) ++quotes;
    if (quotes < 3) continue;
    if (quotes == 6) {
      FailHere(quote == '"' ? "unexpected '\"\"\"\"\"\"'" : "unexpected \"''''''\"");
      return "";
    }
    const absl::string_view raw =
        WithoutFirstBreak(text_.substr(start, before + quotes - 3 - start));
    return quote == '"' ? Decoded(WithoutEscapedBreaks(raw)) : std::string(raw);
  }
}

// Checks what follows a backslash; the string began at `start`.
bool TomlScanner::Escape(size_t start) {
  const char32_t c = Next();
  if (failed_) return false;
  switch (c) {
    case 'x':
      return HexDigits(2, "two hexadecimal digits after '\\x'", start);
    case 'u':
      return HexDigits(4, "four hexadecimal digits after '\\u'", start);
    case 'U':
      return HexDigits(8, "eight hexadecimal digits after '\\U'", start);
    default:
      break;
  }
  if (IsOneOf(c, "ebtnfr\" \t\\")) return true;
  std::string message = "invalid escape in string '\\";
  text::AppendCharacter(c, message);
  message += '\'';
  Fail(message, at_end_ ? line_ - 1 : line_);
  return false;
}

bool TomlScanner::HexDigits(int count, absl::string_view what, size_t start) {
  for (int i = 0; i < count; ++i) {
    if (IsHexDigit(Next())) continue;
    FailHere(absl::StrCat("expected ", what, ", but got ",
                          text::Quote(text_.substr(start, at_ - start)), " instead"));
    return false;
  }
  return true;
}

// The escapes, which were checked, replaced.
std::string TomlScanner::Decoded(absl::string_view raw) {
  std::string out;
  for (size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\\') {
      out += raw[at];
      continue;
    }
    const char letter = raw[++at];
    const size_t plain = absl::string_view("btnfre\"\\").find(letter);
    if (plain != absl::string_view::npos) {
      out += absl::string_view("\b\t\n\f\r\x1B\"\\")[plain];
      continue;
    }
    if (letter == ' ' || letter == '\t') {
      Fail(absl::StrCat("invalid escape: '\\", absl::string_view(&letter, 1), "'"), line_);
      return "";
    }
    const size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : 8;
    const absl::string_view hex = raw.substr(at + 1, digits);
    uint64_t code = 0;
    for (const char digit : hex) {
      const char lower = absl::ascii_tolower(static_cast<unsigned char>(digit));
      code = code * 16 + static_cast<uint64_t>(lower <= '9' ? lower - '0' : lower - 'a' + 10);
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
      Fail(absl::StrCat("Escaped character '\\u", hex, "' is not valid UTF-8."), line_);
      return "";
    }
    text::AppendCharacter(static_cast<char32_t>(code), out);
    at += digits;
  }
  return out;
}

absl::string_view TomlScanner::Word() {
  const size_t start = at_;
  while (text::IsLetter(Peek())) Next();
  return failed_ ? absl::string_view() : text_.substr(start, at_ - start);
}

bool TomlScanner::TakeWord(absl::string_view word) {
  if (!absl::StartsWith(text_.substr(at_), word)) return false;
  at_ += word.size();
  return true;
}

TomlScanner::Kind TomlScanner::Number(absl::string_view& text) {
  const size_t start = at_;
  const char32_t first = Peek();
  const Kind kind = first == '+' || first == '-' ? SignedNumber() : PlainNumber();
  if (failed_) return Kind::kNone;
  text = text_.substr(start, at_ - start);
  return kind;
}

TomlScanner::Kind TomlScanner::SignedNumber() {
  const size_t start = at_;
  Next();
  const char32_t c = Next();
  if (failed_) return Kind::kNone;
  for (const absl::string_view name : {"inf", "nan"}) {
    if (c != static_cast<unsigned char>(name[0])) continue;
    for (const char letter : name.substr(1)) {
      if (Take(static_cast<unsigned char>(letter))) continue;
      FailHere(absl::StrCat("invalid float: '", text_.substr(start, at_ - start), "'"));
      return Kind::kNone;
    }
    return Kind::kFloat;
  }
  if (c == '0' && IsOneOf(Peek(), "box")) {
    FailHere(absl::StrCat("cannot use sign with non-decimal numbers: '",
                          text_.substr(start, at_ - start + 1), "'"));
    return Kind::kNone;
  }
  if (c == '.') {
    FailHere("floats must start with a digit, not '.'");
    return Kind::kNone;
  }
  if (IsDigit(c)) return Digits();
  FailHere(absl::StrCat("expected a digit but got ", QuotedCharacter(c)));
  return Kind::kNone;
}

TomlScanner::Kind TomlScanner::PlainNumber() {
  const bool zero = Next() == '0';
  const char32_t c = Peek();
  if (zero && c == 'b') return Prefixed("01", "a binary", 'b');
  if (zero && c == 'o') return Prefixed("01234567", "an octal", 'o');
  if (zero && c == 'x') return Prefixed("0123456789abcdefABCDEF", "a hexadecimal", 'x');
  if (zero && !IsDigit(c)) {
    if (!IsOneOf(c, "_.eE")) return Kind::kInteger;
    Next();
    return c == '_' ? Digits() : Float();
  }
  while (IsDigit(Peek())) Next();
  const char32_t after = Peek();
  if (!IsOneOf(after, "-:_.eE")) return Kind::kInteger;
  Next();
  if (after == '-' || after == ':') return Time();
  return after == '_' ? Digits() : Float();
}

TomlScanner::Kind TomlScanner::Prefixed(absl::string_view digits, absl::string_view what,
                                        char letter) {
  Next();
  const char32_t first = Peek();
  if (!failed_ && !IsOneOf(first, digits)) {
    std::string got;
    text::AppendCharacter(first, got);
    FailHere(absl::StrCat("not ", what, " number: '0", absl::string_view(&letter, 1), got, "'"));
  }
  while (IsOneOf(Peek(), digits) || Peek() == '_') Next();
  return Kind::kInteger;
}

TomlScanner::Kind TomlScanner::Digits() {
  while (IsDigit(Peek()) || Peek() == '_') Next();
  if (!IsOneOf(Peek(), ".eE")) return Kind::kInteger;
  Next();
  return Float();
}

TomlScanner::Kind TomlScanner::Float() {
  while (IsDigit(Peek()) || IsOneOf(Peek(), "_.-+eE")) Next();
  return Kind::kFloat;
}

TomlScanner::Kind TomlScanner::Time() {
  while (IsDigit(Peek()) || IsOneOf(Peek(), "-:Tt .Zz+")) Next();
  return Kind::kTime;
}

}  // namespace sluice::sprig
