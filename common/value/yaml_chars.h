// The character classes of YAML's scanner and printer, over text that ends in NULs.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sluice::value {

inline uint8_t ByteAt(const char* p) { return static_cast<uint8_t>(*p); }

// CR, LF, NEL, LS or PS. libyaml takes all of YAML 1.1's.
inline bool IsYamlBreak(const char* p) {
  const uint8_t c = ByteAt(p);
  if (c == '\n' || c == '\r') return true;
  if (c == 0xC2) return ByteAt(p + 1) == 0x85;
  return c == 0xE2 && ByteAt(p + 1) == 0x80 && (ByteAt(p + 2) & 0xFE) == 0xA8;
}
// The bytes of the character at `p`, which is UTF-8.
inline int YamlWidth(const char* p) {
  const uint8_t c = ByteAt(p);
  return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

// The same, looking no further than `end`.
inline bool IsYamlBreak(const char* p, const char* end) {
  const uint8_t c = ByteAt(p);
  if (c == '\n' || c == '\r') return true;
  return c >= 0xC2 && p + YamlWidth(p) <= end && IsYamlBreak(p);
}

// Whether the character can be printed unescaped. Those beyond the basic plane cannot.
inline bool IsYamlPrintable(const char* p) {
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

inline bool IsYamlBlank(const char* p) { return *p == ' ' || *p == '\t'; }
inline bool IsYamlBreakOrEnd(const char* p) { return *p == '\0' || IsYamlBreak(p); }
inline bool IsYamlBlankOrEnd(const char* p) { return IsYamlBlank(p) || IsYamlBreakOrEnd(p); }

namespace internal {

enum YamlCharClass : uint16_t {
  kWord = 1,       // letters, digits, '_' and '-': anchors and tag handles
  kUri = 2,        // what a tag may consist of
  kBreakLead = 4,  // may begin a line break, or is the end
  kPlainStop = 8,  // a plain scalar in block context has to look closer
  kFlowStop = 16,  // the same in flow context
  kHex = 32,
  kDigit = 64,
  kSpecial = 128,  // the printer's analysis has to look at it
  kEscaped = 256,  // may not stand in double quotes as it is
};

constexpr std::array<uint16_t, 256> YamlCharTable() {
  std::array<uint16_t, 256> table = {};
  const auto add = [&table](const char* chars, uint16_t flags) {
    for (; *chars != '\0'; ++chars) table[static_cast<uint8_t>(*chars)] |= flags;
  };
  add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", kWord | kUri);
  add(";/?:@&=+$,.!~*'()[]%", kUri);
  add("0123456789", kDigit);
  add("0123456789abcdefABCDEF", kHex);
  add("\n\r\xC2\xE2", kBreakLead | kPlainStop | kFlowStop);
  table[0] |= kBreakLead | kPlainStop | kFlowStop;
  add(" \t:", kPlainStop | kFlowStop);
  add(",?[]{}", kFlowStop);
  for (size_t c = 0; c < table.size(); ++c) {
    if (c < 0x20 || c >= 0x7F) table[c] |= kSpecial | kEscaped;
  }
  add(" ,?[]{}:#", kSpecial);
  add(" \"\\", kEscaped);
  return table;
}
inline constexpr std::array<uint16_t, 256> kYamlChars = YamlCharTable();

}  // namespace internal

inline bool IsYamlClass(const char* p, uint16_t flags) {
  return (internal::kYamlChars[ByteAt(p)] & flags) != 0;
}

}  // namespace sluice::value
