// Text to tokens, by the lexical grammar of CEL as cel-go 0.26 has it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"
#include "common/cel/source.h"

namespace sluice::cel {

enum class TokenKind : uint8_t {
  kEnd,
  kIdentifier,
  kEscapedIdentifier,  // `a-b`
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTrue,
  kFalse,
  kNull,
  kIn,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreaterEqual,
  kGreater,
  kAnd,
  kOr,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
  kLeftParen,
  kRightParen,
  kDot,
  kComma,
  kMinus,
  kNot,
  kQuestion,
  kColon,
  kPlus,
  kStar,
  kSlash,
  kPercent,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  uint32_t offset = 0;
  absl::string_view text;  // as written; "<EOF>" at the end
};

// The tokens of `text`, the last of which is kEnd. What belongs to no token is left out, with an
// issue. The tokens refer to `text`.
std::vector<Token> Tokenize(absl::string_view text ABSL_ATTRIBUTE_LIFETIME_BOUND,
                            std::vector<Issue>& issues);

}  // namespace sluice::cel
