// The texts of Masterminds/goutils: words, abbreviations and lines.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::sprig {

// strings.Title: the first letter of each word in title case.
std::string Title(absl::string_view text);
// The first character of each word in lower case. Words end at white space.
std::string Untitle(absl::string_view text);
// Upper case made lower, lower case upper, or title case behind white space.
std::string SwapCase(absl::string_view text);

// These two take bytes for characters of Latin-1, so that what is not ASCII comes out changed; but
// a text without white space is its own WithoutSpace().
std::string WithoutSpace(absl::string_view text);
std::string Initials(absl::string_view text);

// The text from about `offset`, at most `width` bytes with the dots that stand for what is left
// out. As it is if it fits or `width` is below 4.
std::string Abbreviate(absl::string_view text, int64_t offset, int64_t width);

// Lines of up to `width` bytes (at least 1), broken at spaces. Longer words are cut only if
// `cut_words`.
std::string Wrap(absl::string_view text, int64_t width, absl::string_view line_break,
                 bool cut_words);

}  // namespace sluice::sprig
