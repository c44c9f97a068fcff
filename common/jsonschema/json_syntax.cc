// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/json_syntax.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/text/quote.h"
#include "common/text/utf8.h"

namespace sluice::jsonschema {
namespace {

// Reads on until the first fault. Collections are a stack of their own, since texts nest as deep as
// they like.
class SyntaxReader {
 public:
  explicit SyntaxReader(absl::string_view text) : text_(text) {}

  std::string Run() {
    Blanks();
    if (AtEnd()) return "EOF";
    if (!Document()) return error_;
    Blanks();
    return AtEnd() ? "" : "invalid character after top-level value";
  }

 private:
  bool AtEnd() const { return at_ == text_.size(); }
  void Blanks() {
    while (!AtEnd() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n')) {
      ++at_;
    }
  }

  // Refuses the character at hand.
  bool Refuse(absl::string_view where) {
    if (AtEnd()) {
      error_ = "unexpected EOF";
      return false;
    }
    std::string character;
    text::AppendCharacter(static_cast<unsigned char>(text_[at_]), character);
    std::string quoted = text::Quote(character);
    quoted = character == "'"    ? "'\\''"
             : character == "\"" ? "'\"'"
                                 : absl::StrCat("'", quoted.substr(1, quoted.size() - 2), "'");
    error_ = absl::StrCat("invalid character ", quoted, " ", where);
    return false;
  }

  bool Document() {
    do {
      if (!BeginValue()) return false;
      // The value is complete unless it opened a collection.
      while (complete_ && !open_.empty()) {
        if (!AfterElement()) return false;
      }
    } while (!open_.empty());
    return true;
  }

  bool BeginValue() {
    Blanks();
    complete_ = true;
    const char c = AtEnd() ? '\0' : text_[at_];
    if (c == '{' || c == '[') return Open(c);
    if (c == '"') return String();
    if (c == '-' || absl::ascii_isdigit(static_cast<unsigned char>(c))) return Number();
    if (c == 't') return Word("true");
    if (c == 'f') return Word("false");
    if (c == 'n') return Word("null");
    return Refuse("looking for beginning of value");
  }

  bool Open(char bracket) {
    ++at_;
    Blanks();
    if (!AtEnd() && text_[at_] == (bracket == '{' ? '}' : ']')) {
      ++at_;
      return true;
    }
    open_.push_back(bracket);
    complete_ = false;
    return bracket == '[' || Key();
  }

  bool Key() {
    Blanks();
    if (AtEnd() || text_[at_] != '"') return Refuse("looking for beginning of object key string");
    if (!String()) return false;
    Blanks();
    if (AtEnd() || text_[at_] != ':') return Refuse("after object key");
    ++at_;
    return true;
  }

  // A comma and what has to follow it, or the end of the collection.
  bool AfterElement() {
    Blanks();
    const bool object = open_.back() == '{';
    if (!AtEnd() && text_[at_] == (object ? '}' : ']')) {
      ++at_;
      open_.pop_back();
      return true;
    }
    if (AtEnd() || text_[at_] != ',') {
      return Refuse(object ? "after object key:value pair" : "after array element");
    }
    ++at_;
    complete_ = false;
    return !object || Key();
  }

  bool String() {
    for (++at_; !AtEnd() && text_[at_] != '"'; ++at_) {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) return Refuse("in string literal");
      if (text_[at_] == '\\' && !Escape()) return false;
    }
    if (AtEnd()) return Refuse("in string literal");
    ++at_;
    return true;
  }

  // Stops at the last character of the escape.
  bool Escape() {
    ++at_;
    if (AtEnd() || absl::string_view("bfnrt\\/\"u").find(text_[at_]) == absl::string_view::npos) {
      return Refuse("in string escape code");
    }
    if (text_[at_] != 'u') return true;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      if (AtEnd() || !absl::ascii_isxdigit(static_cast<unsigned char>(text_[at_]))) {
        return Refuse("in \\u hexadecimal character escape");
      }
    }
    return true;
  }

  bool Digits(absl::string_view where) {
    const size_t first = at_;
    while (!AtEnd() && absl::ascii_isdigit(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ != first || Refuse(where);
  }

  bool Number() {
    if (text_[at_] == '-') ++at_;
    if (!AtEnd() && text_[at_] == '0') {
      ++at_;
    } else if (!Digits("in numeric literal")) {
      return false;
    }
    if (!AtEnd() && text_[at_] == '.') {
      ++at_;
      if (!Digits("after decimal point in numeric literal")) return false;
    }
    if (!AtEnd() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (!AtEnd() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!Digits("in exponent of numeric literal")) return false;
    }
    return true;
  }

  bool Word(absl::string_view word) {
    for (const char expected : word) {
      if (AtEnd() || text_[at_] != expected) {
        return Refuse(absl::StrCat("in literal ", word, " (expecting '",
                                   absl::string_view(&expected, 1), "')"));
      }
      ++at_;
    }
    return true;
  }

  const absl::string_view text_;
  size_t at_ = 0;
  std::vector<char> open_;
  bool complete_ = false;
  std::string error_;
};

}  // namespace

std::string GoSyntaxError(absl::string_view text) { return SyntaxReader(text).Run(); }

}  // namespace sluice::jsonschema
