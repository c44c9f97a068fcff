// Scalars: plain, quoted and block.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/text/utf8.h"
#include "common/value/yaml_chars.h"
#include "common/value/yaml_scanner.h"

namespace sluice::value {
namespace {

using internal::kBreakLead;
using internal::kDigit;
using internal::kFlowStop;
using internal::kHex;
using internal::kPlainStop;

uint32_t HexValue(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0');
  return static_cast<uint32_t>((c | 0x20) - 'a' + 10);
}

// What line breaks between two words of a scalar read as: one is a blank, of several one is
// dropped.
void AppendFolded(absl::string_view first, absl::string_view others, std::string& out) {
  if (first != "\n") {
    out.append(first.data(), first.size());
    out.append(others.data(), others.size());
  } else if (others.empty()) {
    out += ' ';
  } else {
    out.append(others.data(), others.size());
  }
}

}  // namespace

absl::string_view YamlScanner::Keep() {
  kept_.push_back(std::move(scratch_));
  scratch_.clear();
  return kept_.back();
}

// Moves p_ to the end of a plain scalar's word.
void YamlScanner::TakePlainRun() {
  const uint8_t stop = flow_level_ > 0 ? kFlowStop : kPlainStop;
  while (true) {
    while (!IsYamlClass(p_, stop)) ++p_;
    if (At(':') ? IsYamlBlankOrEnd(p_ + 1) : (ByteAt(p_) < 0x80 || IsYamlBreak(p_))) return;
    ++p_;
  }
}

bool YamlScanner::ScanPlain(const YamlMark& start, absl::string_view& value) {
  const int32_t indent = indent_ + 1;
  const char* const first = p_;
  const char* last = p_;  // the end of the text so far
  bool copied = false;    // whether it is in scratch_, because it has several lines
  bool new_line = false;
  absl::string_view line_break;
  std::string more_breaks;
  while (true) {
    if (at_line_begin() && AtDocumentIndicator()) break;
    if (At('#')) break;
    const char* const word = p_;
    TakePlainRun();
    if (p_ != word) {
      if (new_line) {
        if (!copied) scratch_.assign(first, last);
        copied = true;
        AppendFolded(line_break, more_breaks, scratch_);
        more_breaks.clear();
        new_line = false;
        scratch_.append(word, p_);
      } else if (copied) {
        scratch_.append(last, p_);
      }
      last = p_;
      newlines_ = 0;
    }
    if (!IsYamlBlank(p_) && !IsYamlBreak(p_)) break;
    while (true) {
      if (IsYamlBlank(p_)) {
        if (new_line && At('\t') && column() < indent) {
          return Fail("found a tab character that violates indentation", start);
        }
        ++p_;
      } else if (!IsYamlBreak(p_)) {
        break;
      } else if (!new_line) {
        line_break = TakeBreak();
        new_line = true;
      } else {
        const absl::string_view another = TakeBreak();
        more_breaks.append(another.data(), another.size());
      }
    }
    if (flow_level_ == 0 && column() < indent) break;
  }
  value = copied ? Keep() : absl::string_view(first, static_cast<size_t>(last - first));
  if (new_line) simple_key_allowed_ = true;
  return true;
}

bool YamlScanner::ScanQuoted(const YamlMark& start, bool single, absl::string_view& value) {
  const char quote = *p_++;
  // Mostly it closes on the same line and reads as it is written.
  const char* end = p_;
  while (*end != quote && *end != '\\' && !IsYamlClass(end, kBreakLead)) ++end;
  if (*end == '\\' && single) {
    while (*end != quote && !IsYamlClass(end, kBreakLead)) ++end;
  }
  if (*end == quote && !(single && end[1] == quote)) {
    value = absl::string_view(p_, static_cast<size_t>(end - p_));
    p_ = end + 1;
    return true;
  }

  scratch_.clear();
  std::string more_breaks;
  while (true) {
    if (at_line_begin() && AtDocumentIndicator()) {
      return Fail("found unexpected document indicator", start);
    }
    if (at_end()) return Fail("found unexpected end of stream", start);
    bool new_line = false;  // an escaped line break joins without a blank
    if (!ScanQuotedWords(start, quote, new_line)) return false;
    if (At(quote)) break;
    absl::string_view line_break;
    const char* const blanks = p_;
    size_t blank_count = 0;
    while (true) {
      if (IsYamlBlank(p_)) {
        if (!new_line) ++blank_count;
        ++p_;
      } else if (!IsYamlBreak(p_)) {
        break;
      } else if (!new_line) {
        line_break = TakeBreak();
        new_line = true;
      } else {
        const absl::string_view another = TakeBreak();
        more_breaks.append(another.data(), another.size());
      }
    }
    if (!new_line) {
      scratch_.append(blanks, blank_count);
    } else if (line_break.empty()) {
      scratch_ += more_breaks;
    } else {
      AppendFolded(line_break, more_breaks, scratch_);
    }
    more_breaks.clear();
  }
  ++p_;
  newlines_ = 0;
  value = Keep();
  return true;
}

// Up to a blank, a line break or the closing quote; `joined` if it ended with an escaped line
// break.
bool YamlScanner::ScanQuotedWords(const YamlMark& start, char quote, bool& joined) {
  while (!IsYamlBlankOrEnd(p_)) {
    if (At(quote)) {
      if (quote != '\'' || p_[1] != '\'') return true;
      scratch_ += '\'';
      p_ += 2;
    } else if (At('\\') && quote == '"') {
      if (IsYamlBreak(p_ + 1)) {
        ++p_;
        TakeBreak();
        joined = true;
        return true;
      }
      if (!ScanEscape(start)) return false;
    } else {
      scratch_ += *p_++;
    }
  }
  return true;
}

bool YamlScanner::ScanEscape(const YamlMark& start) {
  int digits = 0;
  switch (p_[1]) {
    case '0':
      scratch_ += '\0';
      break;
    case 'a':
      scratch_ += '\a';
      break;
    case 'b':
      scratch_ += '\b';
      break;
    case 't':
    case '\t':
      scratch_ += '\t';
      break;
    case 'n':
      scratch_ += '\n';
      break;
    case 'v':
      scratch_ += '\v';
      break;
    case 'f':
      scratch_ += '\f';
      break;
    case 'r':
      scratch_ += '\r';
      break;
    case 'e':
      scratch_ += '\x1B';
      break;
    case ' ':
    case '"':
    case '\'':
    case '\\':
      scratch_ += p_[1];
      break;
    case 'N':
      scratch_ += "\xC2\x85";
      break;
    case '_':
      scratch_ += "\xC2\xA0";
      break;
    case 'L':
      scratch_ += "\xE2\x80\xA8";
      break;
    case 'P':
      scratch_ += "\xE2\x80\xA9";
      break;
    case 'x':
      digits = 2;
      break;
    case 'u':
      digits = 4;
      break;
    case 'U':
      digits = 8;
      break;
    default:
      return Fail("found unknown escape character", start);
  }
  p_ += 2;
  if (digits == 0) return true;
  uint64_t value = 0;
  for (int i = 0; i < digits; ++i) {
    if (!IsYamlClass(p_ + i, kHex)) return Fail("did not find expected hexdecimal number", start);
    value = value << 4 | HexValue(p_[i]);
  }
  if ((value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF) {
    return Fail("found invalid Unicode character escape code", start);
  }
  text::AppendCharacter(static_cast<uint32_t>(value), scratch_);
  p_ += digits;
  return true;
}

bool YamlScanner::ScanBlockScalarHeader(const YamlMark& start, int& chomping, int& increment) {
  const auto chomp = [&] {
    if (At('+') || At('-')) chomping = *p_++ == '+' ? 1 : -1;
  };
  chomp();
  const bool chomped = chomping != 0;
  if (IsYamlClass(p_, kDigit)) {
    if (At('0')) return Fail("found an indentation indicator equal to 0", start);
    increment = *p_++ - '0';
    if (!chomped) chomp();
  }
  SkipBlanks();
  if (At('#')) {
    if (keep_comments_) ScanLineComment(start);
    SkipComment();
  }
  if (!IsYamlBreakOrEnd(p_)) return Fail("did not find expected comment or line break", start);
  if (!at_end()) TakeBreak();
  return true;
}

// Skips empty lines and the indentation of the next one; finds out the indentation if it is 0.
bool YamlScanner::ScanBlockScalarBreaks(const YamlMark& start, int32_t& indent,
                                        std::string& breaks) {
  int32_t widest = 0;
  int32_t width = 0;
  while (true) {
    while ((indent == 0 || p_ - line_begin_ < indent) && At(' ')) ++p_;
    width = static_cast<int32_t>(p_ - line_begin_);
    widest = std::max(widest, width);
    if ((indent == 0 || width < indent) && At('\t')) {
      return Fail("found a tab character where an indentation space is expected", start);
    }
    if (!IsYamlBreak(p_)) break;
    const absl::string_view another = TakeBreak();
    breaks.append(another.data(), another.size());
  }
  if (indent == 0) indent = std::max({widest, indent_ + 1, 1});
  return true;
}

bool YamlScanner::ScanBlockScalar(const YamlMark& start, bool literal, absl::string_view& value) {
  ++p_;
  int chomping = 0;
  int increment = 0;
  if (!ScanBlockScalarHeader(start, chomping, increment)) return false;
  int32_t indent = increment > 0 ? std::max(indent_, 0) + increment : 0;
  scratch_.clear();
  absl::string_view line_break;
  std::string more_breaks;
  if (!ScanBlockScalarBreaks(start, indent, more_breaks)) return false;
  bool was_blank = false;  // whether the line before began with a blank: such lines are not folded
  while (p_ - line_begin_ == indent && !at_end()) {
    const bool is_blank = IsYamlBlank(p_);
    if (!literal && !was_blank && !is_blank && line_break == "\n") {
      if (more_breaks.empty()) scratch_ += ' ';
    } else {
      scratch_.append(line_break.data(), line_break.size());
    }
    scratch_ += more_breaks;
    more_breaks.clear();
    was_blank = is_blank;

    const char* const content = p_;
    while (!IsYamlClass(p_, kBreakLead) || !IsYamlBreakOrEnd(p_)) ++p_;
    scratch_.append(content, p_);
    newlines_ = 0;
    line_break = IsYamlBreak(p_) ? TakeBreak() : absl::string_view();
    if (!ScanBlockScalarBreaks(start, indent, more_breaks)) return false;
  }
  if (chomping != -1) scratch_.append(line_break.data(), line_break.size());
  if (chomping == 1) scratch_ += more_breaks;
  value = Keep();
  return true;
}

}  // namespace sluice::value
