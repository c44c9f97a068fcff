// UTF-8, read and written as Go does: a byte that belongs to no well-formed character counts as one
// character, U+FFFD.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::text {

// What stands for a byte that is not part of UTF-8.
inline constexpr char32_t kReplacement = 0xFFFD;

struct Decoded {
  char32_t character = kReplacement;
  size_t size = 0;     // bytes, 1 for an invalid one; 0 only at the end of the text
  bool valid = false;  // tells an invalid byte from a written U+FFFD
};

// The character that `text` begins with. Surrogates, overlong forms and values above U+10FFFF are
// invalid.
Decoded DecodeFirst(absl::string_view text);

// Appends `character` to `text`; U+FFFD instead of what UTF-8 cannot hold.
void AppendCharacter(char32_t character, std::string& text);

}  // namespace sluice::text
