// Properties of characters, equal to those of Go 1.26's package unicode (Unicode 15.0).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::text {

bool IsLetter(char32_t character);
// A decimal digit of any script.
bool IsDigit(char32_t character);
// Numbers of any kind, Roman and fractions too.
bool IsNumber(char32_t character);
bool IsPunctuation(char32_t character);
bool IsUpperCase(char32_t character);
// Letters, marks, numbers, punctuation, symbols and the ASCII space.
bool IsPrintable(char32_t character);
// White space: that of ASCII, U+0085, U+00A0 and the Unicode spaces.
bool IsSpace(char32_t character);

// The simple mapping, one character to one; itself where there is none.
char32_t ToUpper(char32_t character);
char32_t ToLower(char32_t character);

// Each character mapped; bytes that are not UTF-8 become U+FFFD unless the text is ASCII.
std::string ToUpper(absl::string_view text);
std::string ToLower(absl::string_view text);

}  // namespace sluice::text
