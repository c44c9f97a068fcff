// The character classes of YAML's scanner and printer, over text that ends in NULs.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
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
inline bool IsYamlBlank(const char* p) { return *p == ' ' || *p == '\t'; }
inline bool IsYamlBreakOrEnd(const char* p) { return *p == '\0' || IsYamlBreak(p); }
inline bool IsYamlBlankOrEnd(const char* p) { return IsYamlBlank(p) || IsYamlBreakOrEnd(p); }

namespace internal {

enum YamlCharClass : uint8_t {
  kWord = 1,       // letters, digits, '_' and '-': anchors and tag handles
  kUri = 2,        // what a tag may consist of
  kBreakLead = 4,  // may begin a line break, or is the end
  kPlainStop = 8,  // a plain scalar in block context has to look closer
  kFlowStop = 16,  // the same in flow context
  kHex = 32,
  kDigit = 64,
};

constexpr std::array<uint8_t, 256> YamlCharTable() {
  std::array<uint8_t, 256> table = {};
  const auto add = [&table](const char* chars, uint8_t flags) {
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
  return table;
}
inline constexpr std::array<uint8_t, 256> kYamlChars = YamlCharTable();

}  // namespace internal

inline bool IsYamlClass(const char* p, uint8_t flags) {
  return (internal::kYamlChars[ByteAt(p)] & flags) != 0;
}

}  // namespace sluice::value
