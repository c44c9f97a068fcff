// SPDX-License-Identifier: Apache-2.0
#include "common/fs/glob.h"

#include <algorithm>
#include <optional>

#include "common/text/utf8.h"

namespace sluice::fs {
namespace {

// One end of a range in a class, at the front of `rest`; nothing if there is none. Something must
// follow it, as the class is not closed yet.
std::optional<char32_t> TakeClassCharacter(absl::string_view& rest) {
  if (rest.empty() || rest[0] == '-' || rest[0] == ']') return std::nullopt;
  if (rest[0] == '\\') rest.remove_prefix(1);
  const text::Decoded character = text::DecodeFirst(rest);
  if (!character.valid) return std::nullopt;
  rest.remove_prefix(character.size);
  if (rest.empty()) return std::nullopt;
  return character.character;
}

}  // namespace

Glob::Glob(absl::string_view pattern, Slash slash) : slash_(slash) {
  absl::string_view rest = pattern;
  while (!rest.empty()) {
    const char c = rest[0];
    rest.remove_prefix(1);
    if (c == '*') {
      if (tokens_.empty() || tokens_.back().kind != Kind::kStar) tokens_.push_back({Kind::kStar});
    } else if (c == '?') {
      tokens_.push_back({Kind::kAnyCharacter});
    } else if (c == '[') {
      if (!ParseClass(rest)) malformed_ = true;
    } else if (c == '\\') {
      if (rest.empty()) {
        malformed_ = true;
        break;
      }
      tokens_.push_back({Kind::kByte, rest[0]});
      rest.remove_prefix(1);
    } else {
      tokens_.push_back({Kind::kByte, c});
    }
    if (malformed_) break;
  }
  literal_ = std::all_of(tokens_.begin(), tokens_.end(),
                         [](const Token& token) { return token.kind == Kind::kByte; });
  if (literal_) {
    for (const Token& token : tokens_) bytes_ += token.byte;
  }
}

bool Glob::ParseClass(absl::string_view& rest) {
  Token token = {Kind::kClass};
  token.first = static_cast<uint32_t>(ranges_.size());
  if (!rest.empty() && rest[0] == '^') {
    token.negated = true;
    rest.remove_prefix(1);
  }
  while (ranges_.size() == token.first || rest[0] != ']') {
    const std::optional<char32_t> low = TakeClassCharacter(rest);
    if (!low.has_value()) return false;
    std::optional<char32_t> high = low;
    if (rest[0] == '-') {
      rest.remove_prefix(1);
      high = TakeClassCharacter(rest);
      if (!high.has_value()) return false;
    }
    ranges_.emplace_back(*low, *high);
  }
  rest.remove_prefix(1);
  token.last = static_cast<uint32_t>(ranges_.size());
  tokens_.push_back(token);
  return true;
}

size_t Glob::Take(const Token& token, absl::string_view text) const {
  if (text.empty()) return 0;
  if (token.kind == Kind::kByte) return text[0] == token.byte ? 1 : 0;
  const text::Decoded character = text::DecodeFirst(text);
  if (token.kind == Kind::kAnyCharacter) {
    return slash_ == Slash::kSeparator && text[0] == '/' ? 0 : character.size;
  }
  const bool listed = std::any_of(
      ranges_.begin() + token.first, ranges_.begin() + token.last, [&](const auto& range) {
        return range.first <= character.character && character.character <= range.second;
      });
  return listed != token.negated ? character.size : 0;
}

// Only the last star seen is ever tried again: whatever an earlier one would take instead, the
// later one can take too.
bool Glob::Matches(absl::string_view name, size_t* steps) const {
  size_t ignored = 0;
  size_t& work = steps == nullptr ? ignored : *steps;
  ++work;
  if (malformed_) return false;
  if (literal_) return name == bytes_;

  size_t at = 0;
  size_t token = 0;
  std::optional<size_t> star;  // the token after the last star
  size_t star_at = 0;          // where what that star takes ends
  while (true) {
    ++work;
    if (token == tokens_.size()) {
      if (at == name.size()) return true;
    } else if (tokens_[token].kind == Kind::kStar) {
      star = ++token;
      star_at = at;
      continue;
    } else if (const size_t taken = Take(tokens_[token], name.substr(at)); taken > 0) {
      at += taken;
      ++token;
      continue;
    }
    const bool blocked =
        star_at == name.size() || (slash_ == Slash::kSeparator && name[star_at] == '/');
    if (!star.has_value() || blocked) return false;
    at = ++star_at;
    token = *star;
  }
}

}  // namespace sluice::fs
