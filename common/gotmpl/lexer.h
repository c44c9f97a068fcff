// The tokens of a template: text, and inside of {{ }} words, literals and signs.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::gotmpl {

enum class TokenKind : uint8_t {
  kError,  // the text says what is wrong
  kEnd,    // of the input
  kText,
  kLeftDelimiter,
  kRightDelimiter,
  kSpace,
  kLeftParenthesis,
  kRightParenthesis,
  kPipe,
  kAssign,
  kDeclare,
  kSign,  // any other printable ASCII character, such as a comma
  kBool,
  kCharacter,
  kNumber,
  kComplex,
  kString,
  kRawString,
  kIdentifier,
  kField,     // .name
  kVariable,  // $name
  // Words with a meaning of their own.
  kDot,
  kNil,
  kBlock,
  kBreak,
  kContinue,
  kDefine,
  kElse,
  kEndAction,
  kIf,
  kRange,
  kTemplate,
  kWith,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  size_t position = 0;  // in bytes
  size_t line = 0;      // of its start, from 1
  std::string text;

  // As messages name it: "EOF", `"x"`, `<if>`.
  std::string Describe() const;
};

// Comments and what trim markers cut off are left out. The input must outlive the lexer.
class Lexer {
 public:
  explicit Lexer(absl::string_view input) : input_(input) {}

  // After an error or the end the answer is the same again.
  Token Next();

 private:
  Token NextText();
  Token NextInAction();
  // Steps over a comment whose "/*" is next; an error token if it is not well-formed.
  bool SkipComment(Token& error);
  Token RightDelimiter();
  Token Space();
  Token Identifier();
  Token FieldOrVariable(TokenKind kind);
  Token Quoted(TokenKind kind, char quote, absl::string_view name);
  Token RawString();
  Token NumberToken();
  bool ScanNumber();
  bool Accept(absl::string_view characters);
  void AcceptRun(absl::string_view characters);

  absl::string_view rest() const { return input_.substr(at_); }
  bool AtRightDelimiter(bool& trims) const;
  // Whether what follows may end a word.
  bool AtTerminator() const;
  Token BadCharacter();
  Token Emit(TokenKind kind);
  Token Fail(std::string text);
  // Drops what was read since the last token.
  void Drop();

  absl::string_view input_;
  size_t at_ = 0;
  size_t start_ = 0;  // of the token being read
  size_t line_ = 1;   // at start_
  int parentheses_ = 0;
  bool in_action_ = false;
  bool failed_ = false;
  Token failure_;
};

}  // namespace sluice::gotmpl
