// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/words.h"

#include <span>
#include <vector>

#include "common/sprig/sprig.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::sprig {
namespace {

// A character, with the bytes before it that are not UTF-8. What ends a text counts as its last
// character once more.
struct Character {
  char32_t character;
  absl::string_view bytes;
};

enum class WordKind { kConnector, kPunctuation, kUpper, kLower, kNumber, kOther };

// Characters of one kind; also "Word", as kUpper.
struct Word {
  WordKind kind;
  absl::string_view text = {};
};

bool IsConnector(char32_t character) {
  return character == '-' || character == '_' || text::IsSpace(character);
}

// Letters but for those of Chinese, which know no case.
bool IsAlphabetic(char32_t c) {
  const bool chinese = (c >= 0x4E00 && c <= 0x9FCC) || (c >= 0x3400 && c <= 0x4D85) ||
                       (c >= 0x20000 && c <= 0x2B81D);
  return !chinese && text::IsLetter(c);
}

WordKind KindOf(char32_t character) {
  if (IsConnector(character)) return WordKind::kConnector;
  if (text::IsPunctuation(character)) return WordKind::kPunctuation;
  if (text::IsUpperCase(character)) return WordKind::kUpper;
  if (IsAlphabetic(character)) return WordKind::kLower;
  return text::IsNumber(character) ? WordKind::kNumber : WordKind::kOther;
}

std::vector<Character> CharactersOf(absl::string_view text) {
  std::vector<Character> characters;
  size_t start = 0;
  for (size_t at = 0; at < text.size();) {
    const text::Decoded next = text::DecodeFirst(text.substr(at));
    at += next.size;
    if (next.character == text::kReplacement) continue;
    characters.push_back({next.character, text.substr(start, at - start)});
    start = at;
  }
  if (start < text.size() && !characters.empty()) {
    characters.push_back({characters.back().character, text.substr(start)});
  }
  return characters;
}

// Takes the next word off `rest`, which must not be empty.
Word TakeWord(std::span<const Character>& rest) {
  Word word{.kind = KindOf(rest[0].character)};
  const auto run = [&](WordKind kind, size_t from) {
    while (from < rest.size() && KindOf(rest[from].character) == kind) ++from;
    return from;
  };
  size_t count = run(word.kind, 1);
  if (word.kind == WordKind::kPunctuation) {  // "-" and "_" count as such, too
    while (count < rest.size() && text::IsPunctuation(rest[count].character)) ++count;
  }
  if (word.kind == WordKind::kUpper && count < rest.size() &&
      KindOf(rest[count].character) == WordKind::kLower) {
    if (count == 1) {  // "Word"
      count = run(WordKind::kLower, 1);
    } else {  // of "HTTPServer", "S" begins the next one
      --count;
    }
  }
  const char* const begin = rest[0].bytes.data();
  const absl::string_view last = rest[count - 1].bytes;
  word.text = absl::string_view(begin, static_cast<size_t>(last.data() + last.size() - begin));
  rest = rest.subspan(count);
  return word;
}

void AppendWord(const Word& word, char connector, std::string& out) {
  if (word.kind != WordKind::kUpper && word.kind != WordKind::kConnector) {
    out.append(word.text.data(), word.text.size());
    return;
  }
  for (absl::string_view rest = word.text; !rest.empty();) {
    const text::Decoded first = text::DecodeFirst(rest);
    rest.remove_prefix(first.size);
    if (IsConnector(first.character)) {
      out += connector;
    } else {
      const bool upper = text::IsUpperCase(first.character);
      text::AppendCharacter(upper ? text::ToLower(first.character) : first.character, out);
    }
  }
}

}  // namespace

// Digits belong to the word before them, unless lower case follows: then a new word begins with
// them, which goes on through all digits and lower case.
std::string JoinedWords(absl::string_view text, char connector) {
  const std::vector<Character> characters = CharactersOf(text);
  if (characters.empty()) return std::string(text);
  std::vector<Word> words;
  for (std::span<const Character> rest = characters; !rest.empty();) {
    words.push_back(TakeWord(rest));
  }

  std::string out;
  size_t next = 0;
  const auto write = [&] { AppendWord(words[next++], connector, out); };
  const auto is = [&](WordKind kind) { return next < words.size() && words[next].kind == kind; };
  const auto write_glued = [&] {
    while (is(WordKind::kLower) || is(WordKind::kNumber)) write();
  };
  const auto separate = [&] {
    if (next < words.size() && !is(WordKind::kConnector) && !is(WordKind::kPunctuation)) {
      out += connector;
    }
  };
  while (next < words.size()) {
    const WordKind kind = words[next].kind;
    write();
    if (kind == WordKind::kConnector || kind == WordKind::kPunctuation) continue;
    if (kind == WordKind::kNumber) {
      write_glued();
    } else if (is(WordKind::kNumber)) {
      if (next + 1 < words.size() && words[next + 1].kind == WordKind::kLower) {
        out += connector;
        write_glued();
      } else {
        write();
      }
    }
    separate();
  }
  return out;
}

std::string PascalCase(absl::string_view text) {
  std::vector<char32_t> in;
  for (absl::string_view rest = text; !rest.empty();) {
    const text::Decoded first = text::DecodeFirst(rest);
    in.push_back(first.character);
    rest.remove_prefix(first.size);
  }
  std::string out;
  size_t at = 0;
  for (; at < in.size() && IsConnector(in[at]); ++at) text::AppendCharacter(in[at], out);
  if (at == in.size()) {
    // The last connector of a text of nothing else comes out twice in the reference.
    if (!in.empty()) text::AppendCharacter(in.back(), out);
    return out;
  }
  bool first_upper = text::IsUpperCase(in[at]);
  char32_t pending = text::ToUpper(in[at]);
  for (++at; at < in.size(); ++at) {
    char32_t current = in[at];
    if (IsConnector(pending)) {
      if (IsConnector(current)) {
        text::AppendCharacter(pending, out);
      } else {
        first_upper = text::IsUpperCase(current);
        current = text::ToUpper(current);
      }
    } else {
      // Capitals behind a capital are made small, up to the first small letter.
      first_upper = first_upper && text::IsUpperCase(current);
      if (first_upper) current = text::ToLower(current);
      text::AppendCharacter(pending, out);
    }
    pending = current;
  }
  text::AppendCharacter(pending, out);
  return out;
}

std::vector<gotmpl::Function> IdentifierFunctions() {
  using gotmpl::Call;
  using gotmpl::Value;
  const gotmpl::Type* string = &gotmpl::types::kString;
  const auto joining = [string](absl::string_view name, absl::string_view doc, char connector) {
    return gotmpl::Function{.name = name,
                            .parameters = {string},
                            .result = string,
                            .doc = doc,
                            .code = [connector](Call& call) -> absl::StatusOr<Value> {
                              return Value::String(JoinedWords(call.text(0), connector));
                            }};
  };
  return {
      joining("snakecase", "The words of the text in lower case, joined by underscores.", '_'),
      joining("kebabcase", "The words of the text in lower case, joined by hyphens.", '-'),
      {.name = "camelcase",
       .parameters = {string},
       .result = string,
       .doc = "The words of the text, each with a capital, joined by nothing.",
       .code = [](Call& call) -> absl::StatusOr<Value> {
         return Value::String(PascalCase(call.text(0)));
       }},
  };
}

}  // namespace sluice::sprig
