// The characters of a TOML document: blanks, keys and values taken off the front, and the errors
// that BurntSushi/toml's lexer gives where they are malformed. What keys mean is for
// toml_decode.cc.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::sprig {

// After the first error the text counts as ended, so that whoever reads on comes to an end, too.
class TomlScanner {
 public:
  static constexpr char32_t kEnd = 0;

  explicit TomlScanner(absl::string_view text) : text_(text) {}

  bool failed() const { return failed_; }
  const std::string& error() const { return error_; }
  int error_line() const { return error_line_; }
  int line() const { return line_; }

  // Reports an error on the line; the first one counts.
  void Fail(absl::string_view message, int line);
  // An error at the last character read; at the end, on the line that it ends.
  void FailHere(absl::string_view message);
  // "… but got 'x' instead", of the next character.
  void FailAtNext(absl::string_view before, absl::string_view after);

  char32_t Peek();
  char32_t Next();
  bool Take(char32_t c);
  void SkipBlanks();  // on the line
  // Blanks, line breaks and comments.
  void SkipSpace();
  // Behind "#", up to the line break.
  void SkipComment();

  // A part of a key as it stands, "" if there is none; a quoted one is decoded.
  std::string KeyPart();
  // A string of one of the four kinds; the opening quote is next.
  std::string String();
  // What a number or a time is written with.
  enum class Kind { kInteger, kFloat, kTime, kNone };
  Kind Number(absl::string_view& text);
  // Letters.
  absl::string_view Word();
  // The word, whatever follows it.
  bool TakeWord(absl::string_view word);

 private:
  void Back(size_t position, int line);
  // The next character of a string between two `quote`s, which stands on one line.
  char32_t LineCharacter(char quote);
  std::string BasicString();
  std::string RawString();
  std::string LongString(char quote);
  bool Escape(size_t start);
  bool HexDigits(int count, absl::string_view what, size_t start);
  std::string Decoded(absl::string_view raw);
  Kind SignedNumber();
  Kind PlainNumber();
  Kind Digits();
  Kind Float();
  Kind Time();
  Kind Prefixed(absl::string_view digits, absl::string_view what, char letter);

  const absl::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  bool at_end_ = false;  // the end was read
  bool failed_ = false;
  std::string error_;
  int error_line_ = 0;
};

// Go's %q of a character.
std::string QuotedCharacter(char32_t character);

}  // namespace sluice::sprig
