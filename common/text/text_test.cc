// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/text/quote.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::text {
namespace {

TEST_CASE("characters are decoded and encoded", "[text]") {
  struct Row {
    const char* bytes;
    char32_t character;
  };
  const Row rows[] = {
      {"a", 'a'},
      {"\x7f", 0x7F},
      {"\xc2\x80", 0x80},
      {"\xdf\xbf", 0x7FF},
      {"\xe0\xa0\x80", 0x800},
      {"\xed\x9f\xbf", 0xD7FF},
      {"\xee\x80\x80", 0xE000},
      {"\xef\xbf\xbd", kReplacement},
      {"\xf0\x90\x80\x80", 0x10000},
      {"\xf4\x8f\xbf\xbf", 0x10FFFF},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    const std::string text = std::string(row.bytes) + "x";
    const Decoded first = DecodeFirst(text);
    CHECK(first.character == row.character);
    CHECK(first.size == text.size() - 1);
    CHECK(first.valid);
    std::string encoded;
    AppendCharacter(row.character, encoded);
    CHECK(encoded == row.bytes);
  }
  CHECK(DecodeFirst("").size == 0);
  for (const char32_t bad : {0xD800, 0xDFFF, 0x110000}) {
    std::string encoded;
    AppendCharacter(bad, encoded);
    CHECK(encoded == "\xef\xbf\xbd");
  }
}

TEST_CASE("a byte that is not UTF-8 is one replacement character", "[text]") {
  for (const char* bytes : {
           "\x80",              // a lone continuation
           "\xbf",              //
           "\xc0\xaf",          // overlong
           "\xc1\xbf",          //
           "\xe0\x9f\xbf",      //
           "\xf0\x8f\xbf\xbf",  //
           "\xed\xa0\x80",      // a surrogate
           "\xf4\x90\x80\x80",  // above the last character
           "\xf5\x80\x80\x80",  //
           "\xff",              //
           "\xc3",              // cut short
           "\xe2\x82",          //
           "\xf0\x9f\x98",      //
           "\xe2x\x82",         // broken in the middle
       }) {
    CAPTURE(bytes);
    const Decoded first = DecodeFirst(bytes);
    CHECK(first.character == kReplacement);
    CHECK(first.size == 1);
    CHECK_FALSE(first.valid);
  }
}

TEST_CASE("characters have the properties that Go gives them", "[text]") {
  for (const char32_t letter : {U'a', U'Z', U'é', U'ß', U'я', U'中', U'ª', U'𐐀'}) {
    CHECK(IsLetter(letter));
    CHECK(IsPrintable(letter));
  }
  for (const char32_t other : {U'0', U'_', U' ', U'-', U'²', U'Ⅷ', U'\u0301', kReplacement}) {
    CHECK_FALSE(IsLetter(other));
  }
  for (const char32_t digit : {U'0', U'9', U'٣', U'९', U'𝟘'}) CHECK(IsDigit(digit));
  for (const char32_t other : {U'a', U'²', U'½', U'/', U':'}) CHECK_FALSE(IsDigit(other));
  for (const char32_t number : {U'0', U'²', U'½', U'Ⅷ'}) CHECK(IsNumber(number));
  for (const char32_t other : {U'a', U'.', U'一'}) CHECK_FALSE(IsNumber(other));
  for (const char32_t mark : {U'.', U'_', U'«', U'、'}) CHECK(IsPunctuation(mark));
  for (const char32_t other : {U'a', U'$', U'+', U' '}) CHECK_FALSE(IsPunctuation(other));
  for (const char32_t upper : {U'A', U'Z', U'É', U'Ā', U'𝐀'}) CHECK(IsUpperCase(upper));
  for (const char32_t other : {U'a', U'ā', U'ǅ', U'1', U'Ⅷ'}) CHECK_FALSE(IsUpperCase(other));
  for (const char32_t space : {U' ', U'\t', U'\v', U'\u0085', U'\u00a0', U'\u2003', U'\u3000'}) {
    CHECK(IsSpace(space));
  }
  for (const char32_t other : {U'a', U'\0', U'\u200b', U'\ufeff'}) CHECK_FALSE(IsSpace(other));
  for (const char32_t hidden : {U'\n', U'\u0085', U'\u00a0', U'\u00ad', U'\u200b', U'\ue000'}) {
    CHECK_FALSE(IsPrintable(hidden));
  }
  CHECK(IsPrintable(' '));
  CHECK_FALSE(IsPrintable(0x110000));
}

TEST_CASE("case is mapped one to one", "[text]") {
  struct Row {
    const char* text;
    const char* upper;
    const char* lower;
  };
  const Row rows[] = {
      {"aZ9_", "AZ9_", "az9_"},
      {"éÀÿ", "ÉÀŸ", "éàÿ"},
      {"straße", "STRAßE", "straße"},  // its capital form would be two characters
      {"ǆǅǄ", "ǄǄǄ", "ǆǆǆ"},
      {"İı", "İI", "iı"},
      {"ĀāĂă", "ĀĀĂĂ", "āāăă"},
      {"ΣΌσς", "ΣΌΣΣ", "σόσς"},
      {"𐐨𐐀", "𐐀𐐀", "𐐨𐐨"},
      {"a\xff\xc3z", "A\xef\xbf\xbd\xef\xbf\xbdZ", "a\xef\xbf\xbd\xef\xbf\xbdz"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(ToUpper(absl::string_view(row.text)) == row.upper);
    CHECK(ToLower(absl::string_view(row.text)) == row.lower);
  }
}

TEST_CASE("quoted text is printable", "[text]") {
  CHECK(Quote("") == "\"\"");
  CHECK(Quote("a\"b\\c 'd'") == R"("a\"b\\c 'd'")");
  CHECK(Quote("\t\n\v\x01\x7f") == R"("\t\n\v\x01\x7f")");
  CHECK(Quote(absl::string_view("\0", 1)) == R"("\x00")");
  CHECK(Quote("α😀") == "\"α😀\"");
  CHECK(Quote("\u0085\u00ad\u2028") == R"("\u0085\u00ad\u2028")");
  CHECK(Quote("\U000e0001") == R"("\U000e0001")");
  CHECK(Quote("\xce") == R"("\xce")");
  CHECK(Quote("\xed\xa0\x80"
              "a") == R"("\xed\xa0\x80a")");
}

}  // namespace
}  // namespace sluice::text
