// size, the searches of the standard, and the strings extension but for format (string_format.cc).

// SPDX-License-Identifier: Apache-2.0
#include "common/cel/strings.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/cel/function.h"
#include "common/cel/print.h"
#include "common/cel/regex.h"
#include "common/cel/string_format.h"
#include "common/text/quote.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;

bool AreStrings(Args args, size_t count) {
  if (args.size() < count) return false;
  return std::all_of(args.begin(), args.begin() + static_cast<std::ptrdiff_t>(count),
                     [](const Value& v) { return v.is_string(); });
}

Value Owned(std::string text, Arena& arena) { return Value::String(arena.Copy(text)); }

Value OutOfRange(int64_t index, Arena& arena) {
  return Value::Error(absl::StrCat("index out of range: ", index), arena);
}

std::u32string Characters(absl::string_view text) {
  std::u32string characters;
  while (!text.empty()) {
    const text::Decoded decoded = text::DecodeFirst(text);
    characters += decoded.character;
    text.remove_prefix(decoded.size);
  }
  return characters;
}

// The byte at which the character `index` begins; `index` may be the number of characters.
size_t ByteOffset(absl::string_view text, size_t index) {
  size_t offset = 0;
  for (size_t i = 0; i < index && offset < text.size(); ++i) {
    offset += text::DecodeFirst(text.substr(offset)).size;
  }
  return offset;
}

Value SizeOf(Args args, Arena&) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::kString:
      return Value::Int(static_cast<int64_t>(CountCharacters(value.text())));
    case Kind::kBytes:
      return Value::Int(static_cast<int64_t>(value.text().size()));
    case Kind::kList:
    case Kind::kMap:
      return Value::Int(static_cast<int64_t>(Size(value)));
    default:
      return NoMatch();
  }
}

Value Contains(Args args, Arena&) {
  if (!AreStrings(args, 2)) return NoMatch();
  return Value::Bool(absl::StrContains(args[0].text(), args[1].text()));
}
Value StartsWith(Args args, Arena&) {
  if (!AreStrings(args, 2)) return NoMatch();
  return Value::Bool(absl::StartsWith(args[0].text(), args[1].text()));
}
Value EndsWith(Args args, Arena&) {
  if (!AreStrings(args, 2)) return NoMatch();
  return Value::Bool(absl::EndsWith(args[0].text(), args[1].text()));
}

Value Matches(Args args, Arena& arena) {
  if (!AreStrings(args, 2)) return NoMatch();
  const auto regex = CompileRegex(args[1].text());
  if (!regex.ok()) return Value::Error(regex.status().message(), arena);
  return Value::Bool(regex->MatchesIn(args[0].text()));
}

Value CharAt(Args args, Arena& arena) {
  if (!AreStrings(args, 1) || !args[1].is_int()) return NoMatch();
  const absl::string_view text = args[0].text();
  const int64_t index = args[1].integer();
  const auto count = static_cast<int64_t>(CountCharacters(text));
  if (index < 0 || index > count) return OutOfRange(index, arena);
  if (index == count) return Value::String("");
  const absl::string_view rest = text.substr(ByteOffset(text, static_cast<size_t>(index)));
  return Value::String(rest.substr(0, text::DecodeFirst(rest).size));
}

Value IndexOf(Args args, Arena& arena) {
  if (!AreStrings(args, 2) || (args.size() == 3 && !args[2].is_int())) return NoMatch();
  const int64_t from = args.size() == 3 ? args[2].integer() : 0;
  if (args[1].text().empty()) return Value::Int(from);
  if (from < 0) return OutOfRange(from, arena);
  const std::u32string text = Characters(args[0].text());
  const std::u32string part = Characters(args[1].text());
  if (static_cast<uint64_t>(from) >= text.size()) return Value::Int(-1);
  const size_t found = text.find(part, static_cast<size_t>(from));
  return Value::Int(found == std::u32string::npos ? -1 : static_cast<int64_t>(found));
}

Value LastIndexOf(Args args, Arena& arena) {
  if (!AreStrings(args, 2) || (args.size() == 3 && !args[2].is_int())) return NoMatch();
  const std::u32string text = Characters(args[0].text());
  const std::u32string part = Characters(args[1].text());
  const int64_t from = args.size() == 3 ? args[2].integer() : static_cast<int64_t>(text.size());
  if (part.empty()) return Value::Int(from);
  if (from < 0) return OutOfRange(from, arena);
  if (static_cast<uint64_t>(from) >= text.size() && args.size() == 3) return Value::Int(-1);
  const size_t found = text.rfind(part, static_cast<size_t>(from));
  return Value::Int(found == std::u32string::npos ? -1 : static_cast<int64_t>(found));
}

template <char first, char last>
Value ChangeCase(Args args, Arena& arena) {
  if (!AreStrings(args, 1)) return NoMatch();
  std::string text(args[0].text());
  for (char& c : text) {
    if (c >= first && c <= last) c = static_cast<char>(c ^ 0x20);
  }
  return Owned(std::move(text), arena);
}

Value Join(Args args, Arena& arena) {
  if (!args[0].is_list() || (args.size() == 2 && !args[1].is_string())) return NoMatch();
  const absl::string_view separator = args.size() == 2 ? args[1].text() : "";
  const size_t count = Size(args[0]);
  // The reference looks at the first element's type to choose the function.
  if (count > 0 && !ElementAt(args[0], 0, arena).is_string()) return NoMatch();
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    const Value item = ElementAt(args[0], i, arena);
    if (item.is_error()) return item;
    if (!item.is_string()) {
      return Value::Error(absl::StrCat("join: invalid input: ", Print(item)), arena);
    }
    if (!arena.Fits(text.size() + separator.size() + item.text().size())) {
      return Value::Abort("operation cancelled: memory limit exceeded");
    }
    absl::StrAppend(&text, i == 0 ? "" : separator, item.text());
  }
  return Owned(std::move(text), arena);
}

Value Replace(Args args, Arena& arena) {
  if (!AreStrings(args, 3) || (args.size() == 4 && !args[3].is_int())) return NoMatch();
  const absl::string_view text = args[0].text();
  const absl::string_view old = args[1].text();
  const absl::string_view by = args[2].text();
  int64_t left = args.size() == 4 ? args[3].integer() : -1;
  std::string out;
  size_t at = 0;
  // An empty part is found before every character and at the end.
  while (left != 0) {
    const size_t found = old.empty() ? at : text.find(old, at);
    if (found == absl::string_view::npos) break;
    if (!arena.Fits(out.size() + (found - at) + by.size() + text.size())) {
      return Value::Abort("operation cancelled: memory limit exceeded");
    }
    absl::StrAppend(&out, text.substr(at, found - at), by);
    --left;
    at = found + old.size();
    if (!old.empty()) continue;
    if (at >= text.size()) break;
    const size_t size = text::DecodeFirst(text.substr(at)).size;
    absl::StrAppend(&out, text.substr(at, size));
    at += size;
  }
  absl::StrAppend(&out, text.substr(std::min(at, text.size())));
  return Owned(std::move(out), arena);
}

Value Split(Args args, Arena& arena) {
  if (!AreStrings(args, 2) || (args.size() == 3 && !args[2].is_int())) return NoMatch();
  absl::string_view text = args[0].text();
  const absl::string_view separator = args[1].text();
  const int64_t limit = args.size() == 3 ? args[2].integer() : -1;
  std::vector<Value> parts;
  if (limit == 0) return MakeList(nullptr, 0, arena);
  while (limit < 0 || static_cast<int64_t>(parts.size()) + 1 < limit) {
    size_t size = 0;
    if (separator.empty()) {
      if (text.empty()) break;
      size = text::DecodeFirst(text).size;
      if (size == text.size()) break;
    } else {
      size = text.find(separator);
      if (size == absl::string_view::npos) break;
    }
    parts.push_back(Value::String(text.substr(0, size)));
    text.remove_prefix(size + separator.size());
  }
  if (!separator.empty() || !text.empty()) parts.push_back(Value::String(text));
  Value* const items = arena.AllocateArray<Value>(parts.size());
  std::copy(parts.begin(), parts.end(), items);
  return MakeList(items, parts.size(), arena);
}

Value Substring(Args args, Arena& arena) {
  if (!AreStrings(args, 1)) return NoMatch();
  for (const Value& index : args.subspan(1)) {
    if (!index.is_int()) return NoMatch();
  }
  const absl::string_view text = args[0].text();
  const auto count = static_cast<int64_t>(CountCharacters(text));
  const int64_t start = args[1].integer();
  const int64_t end = args.size() == 3 ? args[2].integer() : count;
  if (args.size() == 3 && start > end) {
    return Value::Error(absl::StrCat("invalid substring range. start: ", start, ", end: ", end),
                        arena);
  }
  if (start < 0 || start > count) return OutOfRange(start, arena);
  if (end < 0 || end > count) return OutOfRange(end, arena);
  const size_t from = ByteOffset(text, static_cast<size_t>(start));
  const size_t to = from + ByteOffset(text.substr(from), static_cast<size_t>(end - start));
  return Value::String(text.substr(from, to - from));
}

Value Trim(Args args, Arena&) {
  if (!AreStrings(args, 1)) return NoMatch();
  absl::string_view text = args[0].text();
  while (!text.empty() && text::IsSpace(text::DecodeFirst(text).character)) {
    text.remove_prefix(text::DecodeFirst(text).size);
  }
  while (!text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    if (!text::IsSpace(text::DecodeFirst(text.substr(start)).character)) break;
    text = text.substr(0, start);
  }
  return Value::String(text);
}

Value Reverse(Args args, Arena& arena) {
  if (!AreStrings(args, 1)) return NoMatch();
  const std::u32string characters = Characters(args[0].text());
  std::string text;
  for (auto it = characters.rbegin(); it != characters.rend(); ++it) {
    text::AppendCharacter(*it, text);
  }
  return Owned(std::move(text), arena);
}

// Only what a string literal must escape is escaped.
Value Quote(Args args, Arena& arena) {
  if (!AreStrings(args, 1)) return NoMatch();
  std::string out = "\"";
  for (absl::string_view rest = args[0].text(); !rest.empty();) {
    const text::Decoded decoded = text::DecodeFirst(rest);
    switch (decoded.character) {
      case '\a':
        out += "\\a";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\v':
        out += "\\v";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '"':
        out += "\\\"";
        break;
      default:
        text::AppendCharacter(decoded.character, out);
    }
    rest.remove_prefix(decoded.size);
  }
  return Owned(out + "\"", arena);
}

template <FormatVersion version>
Value Format(Args args, Arena& arena) {
  if (!AreStrings(args, 1) || !args[1].is_list()) return NoMatch();
  return FormatString(args[0].text(), args[1], version, arena);
}

}  // namespace

size_t CountCharacters(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::vector<Function> StringFunctions() {
  std::vector<Function> functions = {
      {"size",
       {"size_bytes: bytes -> int", "bytes_size: .bytes -> int", "size_list: list(A) -> int",
        "list_size: .list(A) -> int", "size_map: map(A, B) -> int", "map_size: .map(A, B) -> int",
        "size_string: string -> int", "string_size: .string -> int"},
       SizeOf,
       Mismatch::kNamed},
      {"contains", {"contains_string: .string, string -> bool"}, Contains, Mismatch::kPlain},
      {"startsWith", {"starts_with_string: .string, string -> bool"}, StartsWith, Mismatch::kPlain},
      {"endsWith", {"ends_with_string: .string, string -> bool"}, EndsWith, Mismatch::kPlain},
      {"matches",
       {"matches: string, string -> bool", "matches_string: .string, string -> bool"},
       Matches,
       Mismatch::kPlain},
      {"charAt", {"string_char_at_int: .string, int -> string"}, CharAt},
      {"indexOf",
       {"string_index_of_string: .string, string -> int",
        "string_index_of_string_int: .string, string, int -> int"},
       IndexOf},
      {"lastIndexOf",
       {"string_last_index_of_string: .string, string -> int",
        "string_last_index_of_string_int: .string, string, int -> int"},
       LastIndexOf},
      {"lowerAscii", {"string_lower_ascii: .string -> string"}, ChangeCase<'A', 'Z'>},
      {"upperAscii", {"string_upper_ascii: .string -> string"}, ChangeCase<'a', 'z'>},
      {"join",
       {"list_join: .list(string) -> string", "list_join_string: .list(string), string -> string"},
       Join},
      {"replace",
       {"string_replace_string_string: .string, string, string -> string",
        "string_replace_string_string_int: .string, string, string, int -> string"},
       Replace},
      {"split",
       {"string_split_string: .string, string -> list(string)",
        "string_split_string_int: .string, string, int -> list(string)"},
       Split},
      {"substring",
       {"string_substring_int: .string, int -> string",
        "string_substring_int_int: .string, int, int -> string"},
       Substring},
      {"trim", {"string_trim: .string -> string"}, Trim},
      {"strings.quote", {"strings_quote: string -> string"}, Quote},
  };
  constexpr absl::string_view kFormat = "string_format: .string, list(dyn) -> string";
  functions.emplace_back("format", std::vector{kFormat}, Format<FormatVersion::kPlain>);
  functions.back().needs = &Features::strings_v3;
  functions.emplace_back("format", std::vector{kFormat}, Format<FormatVersion::kLocalized>);
  functions.back().needs = &Features::kubernetes;
  Function& reverse =
      functions.emplace_back(Function("reverse", {"string_reverse: .string -> string"}, Reverse));
  reverse.needs = &Features::strings_v3;
  return functions;
}

}  // namespace sluice::cel
