// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/wrap.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::sprig {
namespace {

// Title case is upper case but for the letters that are two.
char32_t ToTitle(char32_t character) {
  if (character >= 0x1C4 && character <= 0x1CC) return 0x1C5 + (character - 0x1C4) / 3 * 3;
  if (character >= 0x1F1 && character <= 0x1F3) return 0x1F2;
  if (character >= 0x10D0 && character <= 0x10FF) return character;  // Georgian has none
  return text::ToUpper(character);
}

// What ends a word for strings.Title.
bool IsSeparator(char32_t character) {
  if (character == '_' || text::IsLetter(character) || text::IsDigit(character)) return false;
  return character < 0x80 || text::IsSpace(character);
}

template <typename Change>
std::string Mapped(absl::string_view text, Change change) {
  std::string out;
  while (!text.empty()) {
    const text::Decoded first = text::DecodeFirst(text);
    text::AppendCharacter(change(first.character), out);
    text.remove_prefix(first.size);
  }
  return out;
}

}  // namespace

std::string Title(absl::string_view text) {
  char32_t previous = ' ';
  return Mapped(text, [&](char32_t character) {
    const bool first = IsSeparator(previous);
    previous = character;
    return first ? ToTitle(character) : character;
  });
}

std::string Untitle(absl::string_view text) {
  bool first = true;
  return Mapped(text, [&](char32_t character) {
    if (text::IsSpace(character)) {
      first = true;
      return character;
    }
    const char32_t mapped = first ? text::ToLower(character) : character;
    first = false;
    return mapped;
  });
}

std::string SwapCase(absl::string_view text) {
  bool after_space = true;
  return Mapped(text, [&](char32_t character) {
    const char32_t lower = text::ToLower(character);
    const char32_t upper = text::ToUpper(character);
    if (lower == character && upper == character) {
      after_space = text::IsSpace(character);
      return character;
    }
    const bool title = after_space;
    after_space = false;
    if (lower != character) return lower;
    return title ? ToTitle(character) : upper;
  });
}

std::string WithoutSpace(absl::string_view text) {
  std::string out;
  bool dropped = false;
  for (const char c : text) {
    const char32_t character = static_cast<unsigned char>(c);
    dropped = dropped || text::IsSpace(character);
    if (!text::IsSpace(character)) text::AppendCharacter(character, out);
  }
  return dropped ? out : std::string(text);
}

std::string Initials(absl::string_view text) {
  std::string out;
  bool gap = true;
  for (const char c : text) {
    const char32_t character = static_cast<unsigned char>(c);
    const bool space = text::IsSpace(character);
    if (gap && !space) text::AppendCharacter(character, out);
    gap = space;
  }
  return out;
}

std::string Abbreviate(absl::string_view text, int64_t offset, int64_t width) {
  const auto size = static_cast<int64_t>(text.size());
  if (width < 4 || size <= width) return std::string(text);
  offset = std::min(offset, size);
  if (size - offset < width - 3) offset = size - (width - 3);
  const auto part = [&](int64_t start, int64_t count) {
    return text.substr(static_cast<size_t>(start), static_cast<size_t>(count));
  };
  if (offset <= 4) return absl::StrCat(part(0, width - 3), "...");
  if (offset + width - 3 >= size) return absl::StrCat("...", part(size - (width - 3), width - 3));
  if (width < 7) return "";
  return absl::StrCat("...", Abbreviate(text.substr(static_cast<size_t>(offset)), 0, width - 3));
}

std::string Wrap(absl::string_view text, int64_t width, absl::string_view line_break,
                 bool cut_words) {
  const auto line = static_cast<size_t>(std::max<int64_t>(width, 1));
  std::string out;
  while (text.size() > line) {
    if (text[0] == ' ') {
      text.remove_prefix(1);
      continue;
    }
    size_t end = text.substr(0, line + 1).rfind(' ');
    if (end == absl::string_view::npos && cut_words) {
      absl::StrAppend(&out, text.substr(0, line), line_break);
      text.remove_prefix(line);
      continue;
    }
    if (end == absl::string_view::npos) end = text.find(' ', line);
    if (end == absl::string_view::npos) break;
    absl::StrAppend(&out, text.substr(0, end), line_break);
    text.remove_prefix(end + 1);
  }
  absl::StrAppend(&out, text);
  return out;
}

}  // namespace sluice::sprig
