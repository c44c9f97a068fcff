// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/json_syntax.h"

#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/text/quote.h"
#include "common/text/utf8.h"
#include "common/value/json.h"

namespace sluice::sprig {
namespace {

constexpr absl::string_view kEnd = "unexpected end of JSON input";

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads a document and stops at the first character that does not fit.
class Checker {
 public:
  explicit Checker(absl::string_view text) : text_(text) {}

  JsonSyntax Run() {
    SkipBlanks();
    if (Value()) {
      SkipBlanks();
      if (at_ < text_.size()) Refuse("after top-level value");
    }
    if (!error_.empty()) large_numbers_.clear();
    return {std::move(error_), std::move(large_numbers_)};
  }

 private:
  bool AtEnd() const { return at_ == text_.size(); }
  bool Take(char c) {
    if (AtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void SkipBlanks() {
    while (!AtEnd() && IsBlank(text_[at_])) ++at_;
  }

  // At the end of the text, which Go takes for a blank where a word, number or escape goes on.
  bool RefuseInside(absl::string_view where) {
    if (!AtEnd()) return Refuse(where);
    error_ = absl::StrCat("invalid character ' ' ", where);
    return false;
  }

  bool Refuse(absl::string_view where) {
    if (AtEnd()) {
      error_ = std::string(kEnd);
      return false;
    }
    // The byte counts as a character of Latin-1.
    std::string character;
    text::AppendCharacter(static_cast<unsigned char>(text_[at_]), character);
    std::string quoted = text::Quote(character);
    quoted = quoted.substr(1, quoted.size() - 2);
    if (character == "'") quoted = "\\'";
    if (character == "\"") quoted = "\"";
    error_ = absl::StrCat("invalid character '", quoted, "' ", where);
    return false;
  }

  bool Value() {
    if (depth_ > value::kMaxDepth) {
      error_ = "exceeded max depth";
      return false;
    }
    if (AtEnd()) return Refuse("");
    switch (text_[at_]) {
      case '{':
        return Collection('}', true);
      case '[':
        return Collection(']', false);
      case '"':
        return String();
      case 't':
        return Word("true");
      case 'f':
        return Word("false");
      case 'n':
        return Word("null");
      default:
        return Number();
    }
  }

  bool Collection(char close, bool keys) {
    ++depth_;
    ++at_;
    SkipBlanks();
    bool ended = Take(close);
    while (!ended) {
      SkipBlanks();
      if (keys) {
        if (AtEnd() || text_[at_] != '"')
          return Refuse("looking for beginning of object key string");
        if (!String()) return false;
        SkipBlanks();
        if (!Take(':')) return Refuse("after object key");
        SkipBlanks();
      }
      if (!Value()) return false;
      SkipBlanks();
      ended = Take(close);
      if (!ended && !Take(',')) {
        return Refuse(keys ? "after object key:value pair" : "after array element");
      }
    }
    --depth_;
    return true;
  }

  bool String() {
    for (++at_; !AtEnd(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return Refuse("in string literal");
      if (c == '\\' && !Escape()) return false;
    }
    return Refuse("");
  }

  // Stops at the last character of the escape.
  bool Escape() {
    ++at_;
    if (AtEnd() || !absl::StrContains("bfnrt\\/\"u", text_.substr(at_, 1))) {
      return RefuseInside("in string escape code");
    }
    if (text_[at_] != 'u') return true;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      if (AtEnd() || !absl::ascii_isxdigit(static_cast<unsigned char>(text_[at_]))) {
        return RefuseInside("in \\u hexadecimal character escape");
      }
    }
    return true;
  }

  bool Word(absl::string_view word) {
    for (const char c : word) {
      if (Take(c)) continue;
      return RefuseInside(
          absl::StrCat("in literal ", word, " (expecting '", absl::string_view(&c, 1), "')"));
    }
    return true;
  }

  bool Digits(absl::string_view where) {
    if (AtEnd() || !IsDigit(text_[at_])) return RefuseInside(where);
    while (!AtEnd() && IsDigit(text_[at_])) ++at_;
    return true;
  }

  bool Number() {
    const size_t start = at_;
    if (!NumberText()) return false;
    const absl::string_view number = text_.substr(start, at_ - start);
    double content = 0;
    if (!absl::SimpleAtod(number, &content) || std::isinf(content)) {
      large_numbers_.push_back(number);
    }
    return true;
  }

  bool NumberText() {
    const bool negative = Take('-');
    if (!Take('0') && !Digits(negative ? "in numeric literal" : "looking for beginning of value")) {
      return false;
    }
    if (Take('.') && !Digits("after decimal point in numeric literal")) return false;
    if (Take('e') || Take('E')) {
      if (!Take('+')) static_cast<void>(Take('-'));
      return Digits("in exponent of numeric literal");
    }
    return true;
  }

  const absl::string_view text_;
  size_t at_ = 0;
  size_t depth_ = 0;
  std::string error_;
  std::vector<absl::string_view> large_numbers_;
};

}  // namespace

JsonSyntax CheckJsonSyntax(absl::string_view text) { return Checker(text).Run(); }

}  // namespace sluice::sprig
