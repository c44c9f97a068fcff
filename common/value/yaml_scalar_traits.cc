// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_scalar_traits.h"

#include "absl/strings/match.h"
#include "common/value/yaml_chars.h"

namespace sluice::value {
namespace {

using internal::kSpecial;

// Of the characters that are not printable; see YamlScalarTraits.
bool IsUnreadable(const char* p) {
  const uint8_t c = ByteAt(p);
  return c == 0x7F || c == 0xC2 || (c == 0xEF && ByteAt(p + 1) == 0xBF);
}

bool IsBlank(const char* p, const char* end) { return p != end && IsYamlBlank(p); }

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
    if (!IsYamlClass(p, kSpecial)) {
      ++p;
      previous_space = previous_break = after_whitespace = false;
      continue;
    }
    const char* const next = p + YamlWidth(p);
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
        if (!IsYamlPrintable(p)) {
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
    } else if (IsYamlBreak(p, end)) {
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

}  // namespace sluice::value
