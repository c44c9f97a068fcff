// SPDX-License-Identifier: Apache-2.0
#include "common/value/key_order.h"

#include <algorithm>
#include <cstdint>

#include "common/value/unicode.h"
#include "common/value/utf8.h"

namespace sluice::value {
namespace {

// The character at `i`, which is at its first byte; U+FFFD for each byte that is not UTF-8.
uint32_t Rune(absl::string_view text, size_t i, size_t& width) {
  const auto byte = [&](size_t at) {
    return static_cast<uint32_t>(static_cast<uint8_t>(text[at]));
  };
  width = 1;
  if (byte(i) < 0x80) return byte(i);
  const size_t length = Utf8Length(text.substr(i));
  if (length == 0) return 0xFFFD;
  width = length;
  uint32_t rune = byte(i) & (0xFFU >> (length + 1));
  for (size_t k = 1; k < length; ++k) rune = rune << 6 | (byte(i + k) & 0x3F);
  return rune;
}

struct Number {
  int64_t value;
  size_t digits;
};

// The digits from `i` on as a number after `value`; wraps as Go's int64 does.
Number DigitsAt(absl::string_view text, size_t i, int64_t value) {
  uint64_t number = static_cast<uint64_t>(value);
  size_t digits = 0;
  while (i < text.size()) {
    size_t width;
    const uint32_t rune = Rune(text, i, width);
    if (!IsUnicodeDigit(rune)) break;
    number = number * 10 + (rune - '0');
    i += width;
    ++digits;
  }
  return {static_cast<int64_t>(number), digits};
}

// Whether the digits right before `end` have one that is not 0.
bool NonZeroBefore(absl::string_view text, size_t end) {
  while (end > 0) {
    size_t start = end - 1;
    while (start > 0 && (static_cast<uint8_t>(text[start]) & 0xC0) == 0x80) --start;
    size_t width;
    const uint32_t rune = Rune(text, start, width);
    if (!IsUnicodeDigit(rune)) return false;
    if (rune != '0') return true;
    end = start;
  }
  return false;
}

}  // namespace

bool KeyLess(absl::string_view a, absl::string_view b, YamlDialect dialect) {
  size_t i = static_cast<size_t>(
      std::mismatch(a.begin(),
                    a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())),
                    b.begin())
          .first -
      a.begin());
  // Back to the begin of a character.
  while (i > 0 && i < a.size() && (static_cast<uint8_t>(a[i]) & 0xC0) == 0x80) --i;
  if (i == a.size() || i == b.size()) return a.size() < b.size();

  size_t width;
  const uint32_t ar = Rune(a, i, width);
  const uint32_t br = Rune(b, i, width);
  const bool a_letter = IsUnicodeLetter(ar);
  const bool b_letter = IsUnicodeLetter(br);
  if (a_letter && b_letter) return ar < br;
  if (a_letter || b_letter) {
    bool after_digit = false;
    if (dialect == YamlDialect::kV3 && i > 0) {
      size_t start = i - 1;
      while (start > 0 && (static_cast<uint8_t>(a[start]) & 0xC0) == 0x80) --start;
      after_digit = IsUnicodeDigit(Rune(a, start, width));
    }
    return after_digit ? a_letter : b_letter;
  }
  const int64_t before = (ar == '0' || br == '0') && NonZeroBefore(a, i) ? 1 : 0;
  const Number an = DigitsAt(a, i, before);
  const Number bn = DigitsAt(b, i, before);
  if (an.value != bn.value) return an.value < bn.value;
  if (an.digits != bn.digits) return an.digits < bn.digits;
  return ar < br;
}

}  // namespace sluice::value
