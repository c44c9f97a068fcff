// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_writer.h"

#include <array>

#include "absl/strings/match.h"
#include "common/value/yaml_chars.h"

namespace sluice::value {
namespace {

int Width(const char* p) {
  const uint8_t c = ByteAt(p);
  return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

// Whether a character can stand unescaped. Those beyond the basic plane cannot.
bool IsPrintable(const char* p) {
  const uint8_t c = ByteAt(p);
  if (c < 0x80) return c == '\n' || (c >= 0x20 && c < 0x7F);
  if (c == 0xC2) return ByteAt(p + 1) >= 0xA0;
  if (c < 0xED) return c > 0xC2;
  if (c == 0xED) return ByteAt(p + 1) < 0xA0;
  if (c == 0xEE) return true;
  if (c != 0xEF) return false;
  const bool mark = ByteAt(p + 1) == 0xBB && ByteAt(p + 2) == 0xBF;
  return !mark && !(ByteAt(p + 1) == 0xBF && ByteAt(p + 2) >= 0xBE);
}

// Of the characters that are not printable; see YamlScalarTraits.
bool IsUnreadable(const char* p) {
  const uint8_t c = ByteAt(p);
  return c == 0x7F || c == 0xC2 || (c == 0xEF && ByteAt(p + 1) == 0xBF);
}

// Unlike IsYamlBreak, looks no further than `end`.
bool IsBreak(const char* p, const char* end) {
  const uint8_t c = ByteAt(p);
  if (c == '\n' || c == '\r') return true;
  return c >= 0xC2 && p + Width(p) <= end && IsYamlBreak(p);
}
bool IsBlank(const char* p, const char* end) { return p != end && IsYamlBlank(p); }
bool IsSpace(const char* p, const char* end) { return p != end && *p == ' '; }

// What the analysis has to look at.
enum : uint8_t { kSpecial = 1, kEscaped = 2 };
constexpr std::array<uint8_t, 256> WriterTable() {
  std::array<uint8_t, 256> table = {};
  for (size_t c = 0; c < 256; ++c) {
    if (c < 0x20 || c >= 0x7F) table[c] = kSpecial | kEscaped;
  }
  for (const char c : {' ', ',', '?', '[', ']', '{', '}', ':', '#'}) {
    table[static_cast<uint8_t>(c)] |= kSpecial;
  }
  for (const char c : {' ', '"', '\\'}) table[static_cast<uint8_t>(c)] |= kEscaped;
  return table;
}
constexpr std::array<uint8_t, 256> kTable = WriterTable();

}  // namespace

YamlScalarTraits AnalyzeYamlScalar(absl::string_view text, YamlDialect dialect) {
  YamlScalarTraits traits;
  if (text.empty()) {
    traits.flow_plain = false;
    traits.block = false;
    return traits;
  }
  bool block_indicators = absl::StartsWith(text, "---") || absl::StartsWith(text, "...");
  bool flow_indicators = block_indicators;
  bool special = false;
  bool tabs = false;
  bool edge_space = false;  // at the begin or end
  bool edge_break = false;
  bool trailing_space = false;
  bool break_space = false;
  bool space_break = false;
  bool previous_space = false;
  bool previous_break = false;
  bool after_whitespace = true;

  const char* const begin = text.data();
  const char* const end = begin + text.size();
  switch (*begin) {
    case '#':
    case ',':
    case '[':
    case ']':
    case '{':
    case '}':
    case '&':
    case '*':
    case '!':
    case '|':
    case '>':
    case '\'':
    case '"':
    case '%':
    case '@':
    case '`':
      block_indicators = flow_indicators = true;
      break;
    case '?':
    case ':':
      flow_indicators = true;
      if (text.size() == 1 || IsBlank(begin + 1, end)) block_indicators = true;
      break;
    case '-':
      if (text.size() == 1 || IsBlank(begin + 1, end)) block_indicators = flow_indicators = true;
      break;
    default:
      break;
  }
  for (const char* p = begin; p != end;) {
    if ((kTable[ByteAt(p)] & kSpecial) == 0) {
      ++p;
      previous_space = previous_break = after_whitespace = false;
      continue;
    }
    const char* const next = p + Width(p);
    switch (*p) {
      case ',':
      case '?':
      case '[':
      case ']':
      case '{':
      case '}':
        flow_indicators = true;
        break;
      case ':':
        flow_indicators = true;
        if (next == end || IsBlank(next, end)) block_indicators = true;
        break;
      case '#':
        if (after_whitespace) block_indicators = flow_indicators = true;
        break;
      case '\t':
        (dialect == YamlDialect::kV3 ? tabs : special) = true;
        break;
      default:
        if (!IsPrintable(p)) {
          special = true;
          if (IsUnreadable(p)) traits.unreadable = true;
        }
    }
    if (*p == ' ') {
      if (p == begin || next == end) edge_space = true;
      if (next == end) trailing_space = true;
      if (previous_break) break_space = true;
      previous_space = true;
      previous_break = false;
      after_whitespace = true;
    } else if (IsBreak(p, end)) {
      traits.multiline = true;
      if (p == begin || next == end) edge_break = true;
      if (previous_space) space_break = true;
      previous_space = false;
      previous_break = true;
      after_whitespace = true;
    } else {
      previous_space = previous_break = false;
      after_whitespace = *p == '\t' || *p == '\0';
    }
    p = next;
  }

  const bool only_double = break_space || space_break || tabs || special;
  const bool no_plain = edge_space || edge_break || only_double || traits.multiline;
  traits.flow_plain = !no_plain && !flow_indicators;
  traits.block_plain = !no_plain && !block_indicators;
  traits.single_quoted = !only_double;
  traits.block = !trailing_space && !space_break && !special;
  return traits;
}

const char* YamlWriter::Char(const char* p) {
  const int width = Width(p);
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
    if (IsBreak(p, end)) {
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
    } else if (IsBreak(p, end)) {
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
    if ((kTable[ByteAt(p)] & kEscaped) == 0 && !escape_all) {
      const char* const run = p;
      while (p != end && (kTable[ByteAt(p)] & kEscaped) == 0) ++p;
      out_.append(run, p);
      column_ += static_cast<int>(p - run);
      after_space = false;
    } else if (escape_all || *p == '"' || *p == '\\' || !IsPrintable(p) || IsBreak(p, end)) {
      const int width = Width(p);
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
  if (*begin == ' ' || IsBreak(begin, end)) {
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
  if (!IsBreak(last, end)) {
    Indicator("-", /*need_whitespace=*/false);
  } else if (last == begin || IsBreak(back(last), end)) {
    Indicator("+", /*need_whitespace=*/false);
  }
}

void YamlWriter::Literal(absl::string_view text) {
  whitespace_ = true;
  const char* const end = text.data() + text.size();
  bool new_line = true;
  for (const char* p = text.data(); p != end;) {
    if (IsBreak(p, end)) {
      p = CopyBreak(p);
      new_line = true;
      continue;
    }
    if (new_line) Indent();
    const char* const run = p;
    do {
      ++p;
    } while (p != end && ((kTable[ByteAt(p)] & kEscaped) == 0 || !IsBreak(p, end)));
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
  while (first_word != end && IsBreak(first_word, end)) first_word += Width(first_word);
  const bool doubles = first_word != end && !IsYamlBlank(first_word) && *first_word != '\0';
  bool new_line = true;
  bool leading_blanks = true;
  for (const char* p = begin; p != end;) {
    if (IsBreak(p, end)) {
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
