// SPDX-License-Identifier: Apache-2.0
#include "common/value/key_order.h"

#include <algorithm>
#include <cstdint>

#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::value {
namespace {

struct Number {
  int64_t value;
  size_t digits;
};

// The digits that `text` begins with as a number after `value`; wraps as Go's int64 does.
Number DigitsAt(absl::string_view text, int64_t value) {
  uint64_t number = static_cast<uint64_t>(value);
  size_t digits = 0;
  while (!text.empty()) {
    const text::Decoded decoded = text::DecodeFirst(text);
    if (!text::IsDigit(decoded.character)) break;
    number = number * 10 + (decoded.character - U'0');
    text.remove_prefix(decoded.size);
    ++digits;
  }
  return {static_cast<int64_t>(number), digits};
}

// Where the last character of `text`, which is not empty, begins.
size_t LastCharacter(absl::string_view text) {
  size_t start = text.size() - 1;
  while (start > 0 && (static_cast<uint8_t>(text[start]) & 0xC0) == 0x80) --start;
  return start;
}

// Whether the digits that `text` ends with have one that is not 0.
bool EndsWithNonZero(absl::string_view text) {
  while (!text.empty()) {
    const size_t start = LastCharacter(text);
    const char32_t character = text::DecodeFirst(text.substr(start)).character;
    if (!text::IsDigit(character)) return false;
    if (character != U'0') return true;
    text = text.substr(0, start);
  }
  return false;
}

}  // namespace

bool KeyLess(absl::string_view a, absl::string_view b, YamlDialect dialect) {
  const size_t shorter = std::min(a.size(), b.size());
  size_t i = 0;
  while (i < shorter && a[i] == b[i]) ++i;
  // Back to the begin of a character.
  while (i > 0 && i < a.size() && (static_cast<uint8_t>(a[i]) & 0xC0) == 0x80) --i;
  if (i == a.size() || i == b.size()) return a.size() < b.size();

  const absl::string_view same = a.substr(0, i);
  const char32_t ac = text::DecodeFirst(a.substr(i)).character;
  const char32_t bc = text::DecodeFirst(b.substr(i)).character;
  const bool a_letter = text::IsLetter(ac);
  const bool b_letter = text::IsLetter(bc);
  if (a_letter && b_letter) return ac < bc;
  if (a_letter || b_letter) {
    const bool after_digit =
        dialect == YamlDialect::kV3 && !same.empty() &&
        text::IsDigit(text::DecodeFirst(same.substr(LastCharacter(same))).character);
    return after_digit ? a_letter : b_letter;
  }
  const int64_t before = (ac == U'0' || bc == U'0') && EndsWithNonZero(same) ? 1 : 0;
  const Number an = DigitsAt(a.substr(i), before);
  const Number bn = DigitsAt(b.substr(i), before);
  if (an.value != bn.value) return an.value < bn.value;
  if (an.digits != bn.digits) return an.digits < bn.digits;
  return ac < bc;
}

}  // namespace sluice::value
