// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/lexer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/text/quote.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::gotmpl {
namespace {

constexpr absl::string_view kLeft = "{{";
constexpr absl::string_view kRight = "}}";
constexpr absl::string_view kSpaces = " \t\r\n";

bool IsSpaceByte(char c) { return absl::StrContains(kSpaces, c); }

bool IsWordCharacter(char32_t character) {
  return character == '_' || text::IsLetter(character) || text::IsDigit(character);
}

// A dash that trims needs a space on the side of the action.
bool HasLeftMarker(absl::string_view text) {
  return text.size() >= 2 && text[0] == '-' && IsSpaceByte(text[1]);
}
bool HasRightMarker(absl::string_view text) {
  return text.size() >= 2 && IsSpaceByte(text[0]) && text[1] == '-';
}

size_t CountSpaces(absl::string_view text) {
  return std::min(text.find_first_not_of(kSpaces), text.size());
}

TokenKind KeywordOf(absl::string_view word) {
  static constexpr std::pair<absl::string_view, TokenKind> kKeywords[] = {
      {"nil", TokenKind::kNil},       {"block", TokenKind::kBlock},
      {"break", TokenKind::kBreak},   {"continue", TokenKind::kContinue},
      {"define", TokenKind::kDefine}, {"else", TokenKind::kElse},
      {"end", TokenKind::kEndAction}, {"if", TokenKind::kIf},
      {"range", TokenKind::kRange},   {"template", TokenKind::kTemplate},
      {"with", TokenKind::kWith},     {"true", TokenKind::kBool},
      {"false", TokenKind::kBool},
  };
  for (const auto& [keyword, kind] : kKeywords) {
    if (keyword == word) return kind;
  }
  return TokenKind::kIdentifier;
}

// U+002D '-'
std::string DescribeCharacter(char32_t character) {
  std::string text = absl::StrFormat("U+%04X", static_cast<uint32_t>(character));
  if (text::IsPrintable(character)) {
    text += " '";
    text::AppendCharacter(character, text);
    text += "'";
  }
  return text;
}

}  // namespace

std::string Token::Describe() const {
  if (kind == TokenKind::kEnd) return "EOF";
  if (kind == TokenKind::kError) return text;
  if (kind >= TokenKind::kDot) return absl::StrCat("<", text, ">");
  if (text.size() <= 10) return text::Quote(text);
  size_t end = 0;
  for (int i = 0; i < 10 && end < text.size(); ++i) {
    end += text::DecodeFirst(absl::string_view(text).substr(end)).size;
  }
  return absl::StrCat(text::Quote(text.substr(0, end)), "...");
}

void Lexer::Drop() {
  line_ += static_cast<size_t>(std::count(input_.begin() + static_cast<std::ptrdiff_t>(start_),
                                          input_.begin() + static_cast<std::ptrdiff_t>(at_), '\n'));
  start_ = at_;
}

Token Lexer::Emit(TokenKind kind) {
  Token token{kind, start_, line_, std::string(input_.substr(start_, at_ - start_))};
  Drop();
  return token;
}

Token Lexer::Fail(std::string text) {
  failed_ = true;
  failure_ = Token{TokenKind::kError, start_, line_, std::move(text)};
  return failure_;
}

Token Lexer::Next() {
  if (failed_) return failure_;
  return in_action_ ? NextInAction() : NextText();
}

Token Lexer::NextText() {
  while (true) {
    const size_t action = input_.find(kLeft, at_);
    if (action == absl::string_view::npos) {
      at_ = input_.size();
      return Emit(at_ > start_ ? TokenKind::kText : TokenKind::kEnd);
    }
    const bool trims = HasLeftMarker(input_.substr(action + kLeft.size()));
    if (action > at_) {
      size_t end = action;
      while (trims && end > start_ && IsSpaceByte(input_[end - 1])) --end;
      at_ = end;
      Token text = Emit(TokenKind::kText);
      at_ = action;
      Drop();
      if (!text.text.empty()) return text;
    }
    at_ += kLeft.size();
    const size_t after_marker = at_ + (trims ? 2 : 0);
    if (absl::StartsWith(input_.substr(after_marker), "/*")) {
      at_ = after_marker;
      Drop();
      Token error;
      if (!SkipComment(error)) return error;
      continue;
    }
    Token left = Emit(TokenKind::kLeftDelimiter);
    at_ = after_marker;
    Drop();
    in_action_ = true;
    parentheses_ = 0;
    return left;
  }
}

bool Lexer::SkipComment(Token& error) {
  const size_t close = input_.find("*/", at_ + 2);
  if (close == absl::string_view::npos) {
    error = Fail("unclosed comment");
    return false;
  }
  at_ = close + 2;
  bool trims = false;
  if (!AtRightDelimiter(trims)) {
    error = Fail("comment ends before closing delimiter");
    return false;
  }
  at_ += kRight.size() + (trims ? 2 : 0);
  if (trims) at_ += CountSpaces(rest());
  Drop();
  return true;
}

bool Lexer::AtRightDelimiter(bool& trims) const {
  trims = HasRightMarker(rest()) && absl::StartsWith(rest().substr(2), kRight);
  return trims || absl::StartsWith(rest(), kRight);
}

Token Lexer::RightDelimiter() {
  bool trims = false;
  AtRightDelimiter(trims);
  if (trims) {
    at_ += 2;
    Drop();
  }
  at_ += kRight.size();
  Token token = Emit(TokenKind::kRightDelimiter);
  if (trims) {
    at_ += CountSpaces(rest());
    Drop();
  }
  in_action_ = false;
  return token;
}

Token Lexer::NextInAction() {
  bool trims = false;
  if (AtRightDelimiter(trims)) {
    return parentheses_ == 0 ? RightDelimiter() : Fail("unclosed left paren");
  }
  if (at_ == input_.size()) return Fail("unclosed action");
  const char c = input_[at_];
  if (IsSpaceByte(c)) return Space();
  const text::Decoded first = text::DecodeFirst(rest());
  if (absl::ascii_isdigit(c) || c == '+' || c == '-') return NumberToken();
  if (IsWordCharacter(first.character)) return Identifier();
  at_ += first.size;
  switch (c) {
    case '=':
      return Emit(TokenKind::kAssign);
    case ':':
      if (!absl::StartsWith(rest(), "=")) return Fail("expected :=");
      ++at_;
      return Emit(TokenKind::kDeclare);
    case '|':
      return Emit(TokenKind::kPipe);
    case '"':
      return Quoted(TokenKind::kString, '"', "quoted string");
    case '`':
      return RawString();
    case '\'':
      return Quoted(TokenKind::kCharacter, '\'', "character constant");
    case '$':
      return FieldOrVariable(TokenKind::kVariable);
    case '.':
      if (at_ < input_.size() && !absl::ascii_isdigit(input_[at_])) {
        return FieldOrVariable(TokenKind::kField);
      }
      --at_;  // a dot can start a number
      return NumberToken();
    case '(':
      ++parentheses_;
      return Emit(TokenKind::kLeftParenthesis);
    case ')':
      if (--parentheses_ < 0) return Fail("unexpected right paren");
      return Emit(TokenKind::kRightParenthesis);
    default:
      break;
  }
  if (absl::ascii_isprint(static_cast<unsigned char>(c))) return Emit(TokenKind::kSign);
  return Fail(
      absl::StrCat("unrecognized character in action: ", DescribeCharacter(first.character)));
}

Token Lexer::Space() {
  const size_t spaces = CountSpaces(rest());
  // The last space may belong to the marker of the right delimiter.
  const absl::string_view from_last = rest().substr(spaces - 1);
  const bool marker = HasRightMarker(from_last) && absl::StartsWith(from_last.substr(2), kRight);
  if (marker && spaces == 1) return RightDelimiter();
  at_ += marker ? spaces - 1 : spaces;
  return Emit(TokenKind::kSpace);
}

bool Lexer::AtTerminator() const {
  if (at_ == input_.size()) return true;
  const char c = input_[at_];
  return IsSpaceByte(c) || absl::StrContains(".,|:)(", c) || absl::StartsWith(rest(), kRight);
}

Token Lexer::BadCharacter() {
  return Fail(
      absl::StrCat("bad character ", DescribeCharacter(text::DecodeFirst(rest()).character)));
}

Token Lexer::Identifier() {
  while (at_ < input_.size()) {
    const text::Decoded next = text::DecodeFirst(rest());
    if (!IsWordCharacter(next.character)) break;
    at_ += next.size;
  }
  if (!AtTerminator()) return BadCharacter();
  return Emit(KeywordOf(input_.substr(start_, at_ - start_)));
}

Token Lexer::FieldOrVariable(TokenKind kind) {
  if (AtTerminator()) return Emit(kind == TokenKind::kField ? TokenKind::kDot : kind);
  while (at_ < input_.size()) {
    const text::Decoded next = text::DecodeFirst(rest());
    if (!IsWordCharacter(next.character)) break;
    at_ += next.size;
  }
  if (!AtTerminator()) return BadCharacter();
  return Emit(kind);
}

Token Lexer::Quoted(TokenKind kind, char quote, absl::string_view name) {
  while (at_ < input_.size() && input_[at_] != '\n') {
    const char c = input_[at_++];
    if (c == quote) return Emit(kind);
    if (c != '\\') continue;
    if (at_ == input_.size() || input_[at_] == '\n') break;
    ++at_;
  }
  return Fail(absl::StrCat("unterminated ", name));
}

Token Lexer::RawString() {
  const size_t close = input_.find('`', at_);
  if (close == absl::string_view::npos) return Fail("unterminated raw quoted string");
  at_ = close + 1;
  return Emit(TokenKind::kRawString);
}

bool Lexer::Accept(absl::string_view characters) {
  if (at_ == input_.size() || !absl::StrContains(characters, input_[at_])) return false;
  ++at_;
  return true;
}

void Lexer::AcceptRun(absl::string_view characters) {
  while (Accept(characters)) {
  }
}

// Takes what looks like a number; whether it is one, the parser finds out.
bool Lexer::ScanNumber() {
  constexpr absl::string_view kDecimal = "0123456789_";
  Accept("+-");
  absl::string_view digits = kDecimal;
  if (Accept("0")) {
    if (Accept("xX")) {
      digits = "0123456789abcdefABCDEF_";
    } else if (Accept("oO")) {
      digits = "01234567_";
    } else if (Accept("bB")) {
      digits = "01_";
    }
  }
  AcceptRun(digits);
  if (Accept(".")) AcceptRun(digits);
  const bool hex = digits.size() > kDecimal.size();
  if ((digits == kDecimal && Accept("eE")) || (hex && Accept("pP"))) {
    Accept("+-");
    AcceptRun(kDecimal);
  }
  Accept("i");
  if (at_ == input_.size()) return true;
  const text::Decoded next = text::DecodeFirst(rest());
  if (!IsWordCharacter(next.character)) return true;
  at_ += next.size;
  return false;
}

Token Lexer::NumberToken() {
  bool good = ScanNumber();
  TokenKind kind = TokenKind::kNumber;
  if (good && at_ < input_.size() && (input_[at_] == '+' || input_[at_] == '-')) {
    good = ScanNumber() && input_[at_ - 1] == 'i';
    kind = TokenKind::kComplex;
  }
  if (good) return Emit(kind);
  return Fail(
      absl::StrCat("bad number syntax: ", text::Quote(input_.substr(start_, at_ - start_))));
}

}  // namespace sluice::gotmpl
