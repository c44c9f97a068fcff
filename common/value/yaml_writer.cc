// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_writer.h"

#include "absl/strings/match.h"
#include "common/value/yaml_chars.h"

namespace sluice::value {
namespace {

using internal::kEscaped;

bool IsSpace(const char* p, const char* end) { return p != end && *p == ' '; }

}  // namespace

const char* YamlWriter::Char(const char* p) {
  const int width = YamlWidth(p);
  out_.append(p, static_cast<size_t>(width));
  ++column_;
  return p + width;
}

void YamlWriter::Run(const char* from, const char* to) {
  out_.append(from, to);
  for (const char* p = from; p != to; ++p) {
    if ((ByteAt(p) & 0xC0) != 0x80) ++column_;
  }
}

void YamlWriter::Break() {
  out_ += '\n';
  column_ = 0;
  indention_ = true;
}

const char* YamlWriter::CopyBreak(const char* p) {
  if (*p == '\n') {
    Break();
    return p + 1;
  }
  p = Char(p);
  column_ = 0;
  indention_ = true;
  return p;
}

void YamlWriter::Indent() {
  const int target = indent < 0 ? 0 : indent;
  if (!indention_ || column_ > target || (column_ == target && !whitespace_)) Break();
  if (foot_indent == target) Break();
  if (column_ < target) {
    out_.append(static_cast<size_t>(target - column_), ' ');
    column_ = target;
  }
  whitespace_ = true;
  foot_indent = -1;
}

void YamlWriter::Indicator(absl::string_view indicator, bool need_whitespace, bool is_whitespace,
                           bool is_indention) {
  if (need_whitespace && !whitespace_) Put(' ');
  out_.append(indicator.data(), indicator.size());
  column_ += static_cast<int>(indicator.size());
  whitespace_ = is_whitespace;
  indention_ = indention_ && is_indention;
}

void YamlWriter::Text(absl::string_view text, bool need_whitespace) {
  if (need_whitespace && !whitespace_) Put(' ');
  Run(text.data(), text.data() + text.size());
  whitespace_ = false;
  indention_ = false;
}

void YamlWriter::Comment(absl::string_view comment) {
  const char* const end = comment.data() + comment.size();
  bool new_line = false;
  bool pound = false;
  for (const char* p = comment.data(); p != end;) {
    if (IsYamlBreak(p, end)) {
      p = CopyBreak(p);
      new_line = true;
      pound = false;
      continue;
    }
    if (new_line) Indent();
    if (!pound && *p != '#') {
      Put('#');
      Put(' ');
    }
    pound = true;
    p = Char(p);
    indention_ = false;
    new_line = false;
  }
  if (!new_line) Break();
  whitespace_ = true;
}

void YamlWriter::Plain(absl::string_view text, bool may_break) {
  if (text.empty()) {
    indention_ = false;
    return;
  }
  if (!whitespace_) Put(' ');
  whitespace_ = false;
  const char* const end = text.data() + text.size();
  if (!may_break || width_ == kNoWidth || column_ + static_cast<int>(text.size()) <= width_) {
    Run(text.data(), end);
    indention_ = false;
    return;
  }
  bool after_space = false;
  for (const char* p = text.data(); p != end;) {
    if (*p == ' ') {
      if (!after_space && column_ > width_ && !IsSpace(p + 1, end)) {
        Indent();
        ++p;
      } else {
        p = Char(p);
      }
      after_space = true;
    } else {
      p = Char(p);
      after_space = false;
      indention_ = false;
    }
  }
  whitespace_ = false;
  indention_ = false;
}

void YamlWriter::SingleQuoted(absl::string_view text, bool may_break) {
  Indicator("'", /*need_whitespace=*/true);
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  bool after_space = false;
  bool after_break = false;
  for (const char* p = begin; p != end;) {
    if (*p == ' ') {
      if (may_break && !after_space && column_ > width_ && p != begin && p != end - 1 &&
          !IsSpace(p + 1, end)) {
        Indent();
        ++p;
      } else {
        p = Char(p);
      }
      after_space = true;
    } else if (IsYamlBreak(p, end)) {
      if (!after_break && *p == '\n') Break();
      p = CopyBreak(p);
      after_break = true;
    } else {
      if (after_break) Indent();
      if (*p == '\'') Put('\'');
      p = Char(p);
      indention_ = false;
      after_space = after_break = false;
    }
  }
  Indicator("'", /*need_whitespace=*/false);
  indention_ = false;
}

void YamlWriter::Escape(uint32_t c) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  Put('\\');
  switch (c) {
    case 0x00:
      Put('0');
      return;
    case 0x07:
      Put('a');
      return;
    case 0x08:
      Put('b');
      return;
    case 0x09:
      Put('t');
      return;
    case 0x0A:
      Put('n');
      return;
    case 0x0B:
      Put('v');
      return;
    case 0x0C:
      Put('f');
      return;
    case 0x0D:
      Put('r');
      return;
    case 0x1B:
      Put('e');
      return;
    case '"':
      Put('"');
      return;
    case '\\':
      Put('\\');
      return;
    case 0x85:
      Put('N');
      return;
    case 0xA0:
      Put('_');
      return;
    case 0x2028:
      Put('L');
      return;
    case 0x2029:
      Put('P');
      return;
    default:
      break;
  }
  const int digits = c <= 0xFF ? 2 : c <= 0xFFFF ? 4 : 8;
  Put(digits == 2 ? 'x' : digits == 4 ? 'u' : 'U');
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) Put(kHex[c >> shift & 15]);
}

void YamlWriter::DoubleQuoted(absl::string_view text, bool may_break) {
  Indicator("\"", /*need_whitespace=*/true);
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  // go-yaml looks for a byte order mark at the begin of the text for each of its characters.
  const bool escape_all = absl::StartsWith(text, "\xEF\xBB\xBF");
  bool after_space = false;
  for (const char* p = begin; p != end;) {
    if (!IsYamlClass(p, kEscaped) && !escape_all) {
      const char* const run = p;
      while (p != end && !IsYamlClass(p, kEscaped)) ++p;
      out_.append(run, p);
      column_ += static_cast<int>(p - run);
      after_space = false;
    } else if (escape_all || *p == '"' || *p == '\\' || !IsYamlPrintable(p) ||
               IsYamlBreak(p, end)) {
      const int width = YamlWidth(p);
      uint32_t c = ByteAt(p);
      if (width > 1) c &= 0xFFU >> (width + 1);
      for (int k = 1; k < width; ++k) c = c << 6 | (ByteAt(p + k) & 0x3F);
      Escape(c);
      p += width;
      after_space = false;
    } else if (*p == ' ') {
      if (may_break && !after_space && column_ > width_ && p != begin && p != end - 1) {
        Indent();
        if (IsSpace(p + 1, end)) Put('\\');
        ++p;
      } else {
        p = Char(p);
      }
      after_space = true;
    } else {
      p = Char(p);
      after_space = false;
    }
  }
  Indicator("\"", /*need_whitespace=*/false);
  indention_ = false;
}

void YamlWriter::BlockHeader(char indicator, absl::string_view text, int hint) {
  Indicator(absl::string_view(&indicator, 1), /*need_whitespace=*/true);
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  if (text.empty()) {
    Indicator("-", /*need_whitespace=*/false);
    return;
  }
  if (*begin == ' ' || IsYamlBreak(begin, end)) {
    const char digit = static_cast<char>('0' + hint);
    Indicator(absl::string_view(&digit, 1), /*need_whitespace=*/false);
  }
  const auto back = [begin](const char* p) {
    do {
      --p;
    } while (p != begin && (ByteAt(p) & 0xC0) == 0x80);
    return p;
  };
  const char* const last = back(end);
  if (!IsYamlBreak(last, end)) {
    Indicator("-", /*need_whitespace=*/false);
  } else if (last == begin || IsYamlBreak(back(last), end)) {
    Indicator("+", /*need_whitespace=*/false);
  }
}

void YamlWriter::Literal(absl::string_view text) {
  whitespace_ = true;
  const char* const end = text.data() + text.size();
  bool new_line = true;
  for (const char* p = text.data(); p != end;) {
    if (IsYamlBreak(p, end)) {
      p = CopyBreak(p);
      new_line = true;
      continue;
    }
    if (new_line) Indent();
    const char* const run = p;
    do {
      ++p;
    } while (p != end && (!IsYamlClass(p, kEscaped) || !IsYamlBreak(p, end)));
    Run(run, p);
    indention_ = false;
    new_line = false;
  }
}

void YamlWriter::Folded(absl::string_view text) {
  whitespace_ = true;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  // go-yaml decides from the first line of the text, wherever it is, whether a line break is
  // doubled.
  const char* first_word = begin;
  while (first_word != end && IsYamlBreak(first_word, end)) first_word += YamlWidth(first_word);
  const bool doubles = first_word != end && !IsYamlBlank(first_word) && *first_word != '\0';
  bool new_line = true;
  bool leading_blanks = true;
  for (const char* p = begin; p != end;) {
    if (IsYamlBreak(p, end)) {
      if (!new_line && !leading_blanks && *p == '\n' && doubles) Break();
      p = CopyBreak(p);
      new_line = true;
      continue;
    }
    if (new_line) {
      Indent();
      leading_blanks = IsYamlBlank(p);
    }
    if (!new_line && *p == ' ' && !IsSpace(p + 1, end) && column_ > width_) {
      Indent();
      ++p;
    } else {
      p = Char(p);
    }
    indention_ = false;
    new_line = false;
  }
}

}  // namespace sluice::value
