// SPDX-License-Identifier: Apache-2.0
#include "common/cel/lexer.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/text/utf8.h"

namespace sluice::cel {
namespace {

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool IsHexDigit(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }
bool IsOctalDigit(char c) { return c >= '0' && c <= '7'; }
bool StartsIdentifier(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_';
}
bool ContinuesIdentifier(char c) { return StartsIdentifier(c) || IsDigit(c); }

struct Symbol {
  absl::string_view text;
  TokenKind kind;
};
// Longer ones before their beginnings.
constexpr Symbol kSymbols[] = {
    {"==", TokenKind::kEqual},        {"!=", TokenKind::kNotEqual},  {"<=", TokenKind::kLessEqual},
    {">=", TokenKind::kGreaterEqual}, {"&&", TokenKind::kAnd},       {"||", TokenKind::kOr},
    {"<", TokenKind::kLess},          {">", TokenKind::kGreater},    {"[", TokenKind::kLeftBracket},
    {"]", TokenKind::kRightBracket},  {"{", TokenKind::kLeftBrace},  {"}", TokenKind::kRightBrace},
    {"(", TokenKind::kLeftParen},     {")", TokenKind::kRightParen}, {".", TokenKind::kDot},
    {",", TokenKind::kComma},         {"-", TokenKind::kMinus},      {"!", TokenKind::kNot},
    {"?", TokenKind::kQuestion},      {":", TokenKind::kColon},      {"+", TokenKind::kPlus},
    {"*", TokenKind::kStar},          {"/", TokenKind::kSlash},      {"%", TokenKind::kPercent}};

constexpr Symbol kWords[] = {{"true", TokenKind::kTrue},
                             {"false", TokenKind::kFalse},
                             {"null", TokenKind::kNull},
                             {"in", TokenKind::kIn}};

class Lexer {
 public:
  Lexer(absl::string_view text, std::vector<Issue>& issues) : text_(text), issues_(issues) {}

  std::vector<Token> Run() {
    while (true) {
      SkipBlanks();
      if (at_ == text_.size()) break;
      const size_t start = at_;
      failed_at_ = start;
      const TokenKind kind = Next();
      if (kind == TokenKind::kEnd) {
        Refuse(start);
        continue;
      }
      tokens_.push_back({kind, static_cast<uint32_t>(start), text_.substr(start, at_ - start)});
    }
    tokens_.push_back({TokenKind::kEnd, static_cast<uint32_t>(text_.size()), "<EOF>"});
    return std::move(tokens_);
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void SkipBlanks() {
    while (at_ < text_.size()) {
      if (absl::StrContains("\t \r\n\f", text_[at_])) {
        ++at_;
      } else if (absl::StartsWith(text_.substr(at_), "//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        return;
      }
    }
  }

  // What was read of a token that does not go on as it must, with the character at fault.
  void Refuse(size_t start) {
    const size_t end =
        std::min(text_.size(), failed_at_ + text::DecodeFirst(text_.substr(failed_at_)).size);
    at_ = std::max(end, start + 1);
    issues_.push_back(
        {static_cast<uint32_t>(start), absl::StrCat("Syntax error: token recognition error at: '",
                                                    text_.substr(start, at_ - start), "'")});
  }

  // The token at at_, which is moved behind it; kEnd and failed_at_ if there is none.
  TokenKind Next() {
    const char c = Peek();
    if (const std::optional<TokenKind> quoted = Quoted()) return *quoted;
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number();
    if (StartsIdentifier(c)) {
      const size_t start = at_;
      while (ContinuesIdentifier(Peek())) ++at_;
      for (const Symbol& word : kWords) {
        if (text_.substr(start, at_ - start) == word.text) return word.kind;
      }
      return TokenKind::kIdentifier;
    }
    if (c == '`') return EscapedIdentifier();
    for (const Symbol& symbol : kSymbols) {
      if (!absl::StartsWith(text_.substr(at_), symbol.text)) continue;
      at_ += symbol.text.size();
      return symbol.kind;
    }
    // The beginning of a symbol of two characters.
    if (c == '=' || c == '&' || c == '|') failed_at_ = at_ + 1;
    return TokenKind::kEnd;
  }

  TokenKind EscapedIdentifier() {
    size_t end = at_ + 1;
    while (end < text_.size() &&
           (ContinuesIdentifier(text_[end]) || absl::StrContains("._-/ ", text_[end]))) {
      ++end;
    }
    if (end == text_.size() || text_[end] != '`' || end == at_ + 1) {
      failed_at_ = end;
      return TokenKind::kEnd;
    }
    at_ = end + 1;
    return TokenKind::kEscapedIdentifier;
  }

  TokenKind Number() {
    if (Peek() == '0' && Peek(1) == 'x' && IsHexDigit(Peek(2))) {
      at_ += 2;
      while (IsHexDigit(Peek())) ++at_;
      return UintSuffix();
    }
    bool is_double = false;
    while (IsDigit(Peek())) ++at_;
    if (Peek() == '.' && IsDigit(Peek(1))) {
      is_double = true;
      ++at_;
      while (IsDigit(Peek())) ++at_;
    }
    if (Peek() == 'e' || Peek() == 'E') {
      const size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 1 : 0;
      if (IsDigit(Peek(1 + sign))) {
        is_double = true;
        at_ += 1 + sign;
        while (IsDigit(Peek())) ++at_;
      }
    }
    return is_double ? TokenKind::kDouble : UintSuffix();
  }

  TokenKind UintSuffix() {
    if (Peek() != 'u' && Peek() != 'U') return TokenKind::kInt;
    ++at_;
    return TokenKind::kUint;
  }

  // A string or bytes literal; nothing if what is here begins with none, or is an identifier if the
  // literal does not end.
  std::optional<TokenKind> Quoted() {
    size_t quote = at_;
    bool bytes = false;
    bool raw = false;
    if (quote < text_.size() && (text_[quote] == 'b' || text_[quote] == 'B')) {
      bytes = true;
      ++quote;
    }
    if (quote < text_.size() && (text_[quote] == 'r' || text_[quote] == 'R')) {
      raw = true;
      ++quote;
    }
    if (quote >= text_.size() || (text_[quote] != '"' && text_[quote] != '\'')) {
      return std::nullopt;
    }
    const absl::string_view rest = text_.substr(quote);
    size_t end = 0;
    if (absl::StartsWith(rest, rest[0] == '"' ? "\"\"\"" : "'''")) {
      end = EndOfQuoted(quote + 3, rest.substr(0, 3), raw);
      // Three quotes that do not end are an empty string and the beginning of another.
      if (end == 0) end = quote + 2;
    } else {
      end = EndOfQuoted(quote + 1, rest.substr(0, 1), raw);
    }
    if (end != 0) {
      at_ = end;
      return bytes ? TokenKind::kBytes : TokenKind::kString;
    }
    if (quote != at_) return std::nullopt;
    return TokenKind::kEnd;
  }

  // The place behind the closing `quote`, looking from `at`; 0 and failed_at_ if it does not come.
  size_t EndOfQuoted(size_t at, absl::string_view quote, bool raw) {
    while (at < text_.size()) {
      if (absl::StartsWith(text_.substr(at), quote)) return at + quote.size();
      if (text_[at] == '\\' && !raw) {
        const size_t size = EscapeSize(at);
        if (size == 0) return 0;
        at += size;
      } else if (quote.size() == 1 && (text_[at] == '\n' || text_[at] == '\r')) {
        failed_at_ = at;
        return 0;
      } else {
        ++at;
      }
    }
    failed_at_ = text_.size();
    return 0;
  }

  // The length of the escape sequence at `at`; 0 and failed_at_ if it is none.
  size_t EscapeSize(size_t at) {
    const auto digits = [&](size_t from, size_t count, bool (*is_digit)(char)) -> size_t {
      for (size_t i = 0; i < count; ++i) {
        if (at + from + i >= text_.size() || !is_digit(text_[at + from + i])) {
          failed_at_ = std::min(at + from + i, text_.size());
          return 0;
        }
      }
      return from + count;
    };
    failed_at_ = at + 1;
    if (at + 1 >= text_.size()) return 0;
    const char c = text_[at + 1];
    if (absl::StrContains("abfnrtv\"'\\?`", c)) return 2;
    if (c == 'x' || c == 'X') return digits(2, 2, IsHexDigit);
    if (c == 'u') return digits(2, 4, IsHexDigit);
    if (c == 'U') return digits(2, 8, IsHexDigit);
    if (c >= '0' && c <= '3') return digits(2, 2, IsOctalDigit);
    return 0;
  }

  absl::string_view text_;
  std::vector<Issue>& issues_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  size_t failed_at_ = 0;  // the character that no token can go on with
};

}  // namespace

std::vector<Token> Tokenize(absl::string_view text, std::vector<Issue>& issues) {
  return Lexer(text, issues).Run();
}

}  // namespace sluice::cel
