// The lower half of the YAML printer: indentation and scalars as go-yaml's emitter writes them.
// What the two generations do differently is in the arguments.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::value {

class YamlWriter {
 public:
  static constexpr int kNoWidth = std::numeric_limits<int>::max();

  // Scalars that may be folded are, at blanks beyond column `width`.
  explicit YamlWriter(int width) : width_(width) {}

  // The column of the current block; -1 outside the document. Changed by the caller.
  int indent = -1;
  // Where it is, an empty line separates a foot comment from what follows; else -1.
  int foot_indent = -1;

  int column() const { return column_; }
  // Whether the last character separates tokens.
  bool whitespace() const { return whitespace_; }
  // Whether the line has nothing but indentation and indicators.
  bool indention() const { return indention_; }

  void Break();
  // Goes to the current indentation, on a new line unless there is nothing on this one.
  void Indent();
  void Indicator(absl::string_view indicator, bool need_whitespace, bool is_whitespace = false,
                 bool is_indention = false);
  // After a blank, if there is none: an anchor's name, a tag.
  void Text(absl::string_view text, bool need_whitespace);
  // Lines of "#"; ends its last line.
  void Comment(absl::string_view comment);

  void Plain(absl::string_view text, bool may_break);
  void SingleQuoted(absl::string_view text, bool may_break);
  void DoubleQuoted(absl::string_view text, bool may_break);
  // "|" or ">" with its hints; the rest of the line is the caller's. `hint` is the indentation that
  // is named when the text begins with a blank.
  void BlockHeader(char indicator, absl::string_view text, int hint);
  void Literal(absl::string_view text);
  void Folded(absl::string_view text);

  std::string& out() { return out_; }

 private:
  void Put(char c) {
    out_ += c;
    ++column_;
  }
  // The character at `p`, which is at most `end`; returns what follows.
  const char* Char(const char* p);
  void Run(const char* from, const char* to);
  const char* CopyBreak(const char* p);
  void Escape(uint32_t code_point);

  std::string out_;
  const int width_;
  int column_ = 0;
  bool whitespace_ = true;
  bool indention_ = true;
};

}  // namespace sluice::value
