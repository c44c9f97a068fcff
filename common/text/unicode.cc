// SPDX-License-Identifier: Apache-2.0
#include "common/text/unicode.h"

#include <algorithm>
#include <span>

#include "absl/strings/ascii.h"
#include "common/text/unicode_tables.h"
#include "common/text/utf8.h"

namespace sluice::text {
namespace {

// The entry whose range spans `character`, or nullptr.
template <typename T>
const T* Find(std::span<const T> table, char32_t character) {
  const auto after =
      std::upper_bound(table.begin(), table.end(), character,
                       [](char32_t character, const T& entry) { return character < entry.first; });
  if (after == table.begin()) return nullptr;
  const T& entry = *(after - 1);
  return character <= entry.last ? &entry : nullptr;
}

char32_t Map(std::span<const CaseRun> table, char32_t character) {
  const CaseRun* run = Find(table, character);
  if (run == nullptr || (character - run->first) % run->step != 0) return character;
  return static_cast<char32_t>(static_cast<int32_t>(character) + run->delta);
}

std::string MapText(std::span<const CaseRun> table, char (*map_ascii)(unsigned char),
                    absl::string_view text) {
  std::string mapped;
  mapped.reserve(text.size());
  while (!text.empty()) {
    if (const auto first = static_cast<unsigned char>(text[0]); first < 0x80) {
      mapped += map_ascii(first);
      text.remove_prefix(1);
      continue;
    }
    const Decoded first = DecodeFirst(text);
    AppendCharacter(Map(table, first.character), mapped);
    text.remove_prefix(first.size);
  }
  return mapped;
}

}  // namespace

// The first 128 characters are by far the most frequent.
bool IsLetter(char32_t character) {
  if (character < 0x80) return absl::ascii_isalpha(static_cast<unsigned char>(character));
  return Find(kLetters, character) != nullptr;
}
bool IsDigit(char32_t character) {
  if (character < 0x80) return absl::ascii_isdigit(static_cast<unsigned char>(character));
  return Find(kDigits, character) != nullptr;
}
bool IsNumber(char32_t character) { return Find(kNumbers, character) != nullptr; }
bool IsPunctuation(char32_t character) { return Find(kPunctuation, character) != nullptr; }
bool IsUpperCase(char32_t character) { return Map(kUpperCase, character) != character; }
bool IsPrintable(char32_t character) {
  if (character < 0x7F) return character >= ' ';
  return Find(kPrintable, character) != nullptr;
}

bool IsSpace(char32_t character) {
  return (character >= '\t' && character <= '\r') || character == ' ' || character == 0x85 ||
         character == 0xA0 || character == 0x1680 || (character >= 0x2000 && character <= 0x200A) ||
         character == 0x2028 || character == 0x2029 || character == 0x202F || character == 0x205F ||
         character == 0x3000;
}

char32_t ToUpper(char32_t character) { return Map(kToUpper, character); }
char32_t ToLower(char32_t character) { return Map(kToLower, character); }

std::string ToUpper(absl::string_view text) { return MapText(kToUpper, absl::ascii_toupper, text); }
std::string ToLower(absl::string_view text) { return MapText(kToLower, absl::ascii_tolower, text); }

}  // namespace sluice::text
