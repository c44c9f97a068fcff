// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/format.h"
#include "common/sprig/convert.h"
#include "common/sprig/sprig.h"
#include "common/sprig/wrap.h"
#include "common/text/quote.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Map;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

// `text` without the characters at its ends that `drop` says.
template <typename Predicate>
absl::string_view TrimmedIf(absl::string_view text, Predicate drop) {
  while (!text.empty()) {
    const text::Decoded first = text::DecodeFirst(text);
    if (!drop(first.character)) break;
    text.remove_prefix(first.size);
  }
  while (!text.empty()) {
    size_t start = text.size() - 1;  // of the last character, at most four bytes long
    while (start > 0 && text.size() - start < 4 &&
           (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) {
      --start;
    }
    if (text::DecodeFirst(text.substr(start)).size != text.size() - start) start = text.size() - 1;
    if (!drop(text::DecodeFirst(text.substr(start)).character)) break;
    text = text.substr(0, start);
  }
  return text;
}

absl::string_view TrimmedSpace(absl::string_view text) { return TrimmedIf(text, text::IsSpace); }

bool HasCharacter(absl::string_view set, char32_t wanted) {
  while (!set.empty()) {
    const text::Decoded first = text::DecodeFirst(set);
    if (first.character == wanted) return true;
    set.remove_prefix(first.size);
  }
  return false;
}

// Each character by itself, as strings.Split does where the separator is empty.
std::vector<absl::string_view> Characters(absl::string_view text, size_t most) {
  std::vector<absl::string_view> parts;
  while (!text.empty()) {
    const size_t size = parts.size() + 1 == most ? text.size() : text::DecodeFirst(text).size;
    parts.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return parts;
}

// strings.SplitN; all parts if `most` is negative.
std::vector<absl::string_view> SplitText(absl::string_view text, absl::string_view separator,
                                         int64_t most) {
  if (most == 0) return {};
  const size_t limit = most < 0 ? std::string::npos : static_cast<size_t>(most);
  if (separator.empty()) return Characters(text, limit);
  std::vector<absl::string_view> parts;
  while (parts.size() + 1 < limit) {
    const size_t at = text.find(separator);
    if (at == absl::string_view::npos) break;
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
  }
  parts.push_back(text);
  return parts;
}

// How many parts SplitText() would give.
size_t CountParts(absl::string_view text, absl::string_view separator, int64_t most) {
  if (most == 0) return 0;
  const size_t limit = most < 0 ? std::string::npos : static_cast<size_t>(most);
  // Characters, or at most so many.
  if (separator.empty()) return std::min(text.size(), limit);
  size_t parts = 1;
  for (size_t at = text.find(separator); at != absl::string_view::npos && parts < limit;
       at = text.find(separator, at + separator.size())) {
    ++parts;
  }
  return parts;
}

Value NumberedParts(const std::vector<absl::string_view>& parts) {
  Map members;
  for (size_t i = 0; i < parts.size(); ++i) {
    members[absl::StrCat("_", i)] = Value::String(parts[i]);
  }
  return Value::MapOf(types::kStringMap, std::move(members));
}

Result Repeat(Call& call) {
  const int64_t count = call.integer(0);
  const absl::string_view text = call.text(1);
  if (count < 0) return Failure("strings: negative Repeat count");
  const uint64_t left = call.session().function_bytes_left();
  if (!text.empty() && static_cast<uint64_t>(count) > left / text.size()) {
    return call.session().ChargeFunction(left + 1);
  }
  std::string out;
  out.reserve(static_cast<size_t>(count) * text.size());
  for (int64_t i = 0; i < count && !text.empty(); ++i) out.append(text.data(), text.size());
  return Value::String(std::move(out));
}

Result Indent(Call& call, absl::string_view before) {
  const int64_t count = call.integer(0);
  const absl::string_view text = call.text(1);
  if (count < 0) return Failure("strings: negative Repeat count");
  const auto width = static_cast<uint64_t>(count);
  const auto lines = 1 + static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  const uint64_t left = call.session().function_bytes_left();
  if (width > left / lines) return call.session().ChargeFunction(left + 1);
  const std::string pad(static_cast<size_t>(width), ' ');
  return Value::String(
      absl::StrCat(before, pad, absl::StrReplaceAll(text, {{"\n", absl::StrCat("\n", pad)}})));
}

Result Substring(Call& call) {
  const int64_t start = call.integer(0);
  const int64_t end = call.integer(1);
  const absl::string_view text = call.text(2);
  const auto size = static_cast<int64_t>(text.size());
  constexpr absl::string_view kOutside = "runtime error: slice bounds out of range ";
  if (start < 0) {
    if (end < 0) return Failure(absl::StrCat(kOutside, "[:", end, "]"));
    if (end > size) return Failure(absl::StrCat(kOutside, "[:", end, "] with length ", size));
    return Value::String(text.substr(0, static_cast<size_t>(end)));
  }
  const int64_t stop = end < 0 || end > size ? size : end;
  if (start > stop) return Failure(absl::StrCat(kOutside, "[", start, ":", stop, "]"));
  return Value::String(text.substr(static_cast<size_t>(start), static_cast<size_t>(stop - start)));
}

Result Truncate(Call& call) {
  const int64_t count = call.integer(0);
  const absl::string_view text = call.text(1);
  const auto size = static_cast<int64_t>(text.size());
  if (count < 0 && count > -size) {
    return Value::String(text.substr(static_cast<size_t>(size + count)));
  }
  if (count >= 0 && size > count) return Value::String(text.substr(0, static_cast<size_t>(count)));
  return call[1];
}

// strings.Replace of all; an empty text is found between all characters.
Result Replace(Call& call) {
  const absl::string_view old = call.text(0);
  const absl::string_view text = call.text(2);
  if (!old.empty()) {
    const size_t found = CountParts(text, old, -1) - 1;
    RETURN_IF_ERROR(call.session().ChargeFunction(found * call.text(1).size()));
    return Value::String(absl::StrReplaceAll(text, {{old, call.text(1)}}));
  }
  RETURN_IF_ERROR(call.session().ChargeElements(text.size()));
  const std::vector<absl::string_view> characters = Characters(text, std::string::npos);
  RETURN_IF_ERROR(call.session().ChargeFunction((characters.size() + 1) * call.text(1).size()));
  std::string out(call.text(1));
  for (const absl::string_view character : characters) {
    absl::StrAppend(&out, character, call.text(1));
  }
  return Value::String(std::move(out));
}

Result Quote(Call& call) {
  std::vector<std::string> quoted;
  size_t size = 0;
  for (const Value& value : call.arguments()) {
    if (value.is_untyped_nil()) continue;
    ASSIGN_OR_RETURN(const std::string text, ToText(value, call.session()));
    quoted.push_back(text::Quote(text));
    size += quoted.back().size();
    RETURN_IF_ERROR(call.session().CheckFunction(size));
  }
  return Value::String(absl::StrJoin(quoted, " "));
}

// The arguments that are not nil as %v prints them, between `quote`s.
Result Joined(Call& call, absl::string_view quote) {
  std::vector<std::string> texts;
  size_t size = 0;
  for (const Value& value : call.arguments()) {
    if (value.is_untyped_nil()) continue;
    ASSIGN_OR_RETURN(
        std::string text,
        gotmpl::Sprint(std::span(&value, 1), {.bytes = call.session().function_bytes_left(),
                                              .depth = call.session().limits().value_depth}));
    texts.push_back(absl::StrCat(quote, text, quote));
    size += texts.back().size();
    RETURN_IF_ERROR(call.session().CheckFunction(size));
  }
  return Value::String(absl::StrJoin(texts, " "));
}

Result Join(Call& call) {
  ASSIGN_OR_RETURN(const std::vector<std::string> texts, ToTexts(call[1], call.session()));
  const uint64_t separators = texts.size() * call.text(0).size();
  RETURN_IF_ERROR(call.session().ChargeFunction(separators));
  return Value::String(absl::StrJoin(texts, call.text(0)));
}

// A dict with the parts of the text argument.
Result Split(Call& call, size_t text, int64_t most) {
  const size_t count = CountParts(call.text(text), call.text(0), most);
  RETURN_IF_ERROR(call.session().ChargeElements(gotmpl::kElementsPerMember * count));
  return NumberedParts(SplitText(call.text(text), call.text(0), most));
}

Result SplitList(Call& call) {
  RETURN_IF_ERROR(call.session().ChargeElements(CountParts(call.text(1), call.text(0), -1)));
  gotmpl::List parts;
  for (const absl::string_view part : SplitText(call.text(1), call.text(0), -1)) {
    parts.push_back(Value::String(part));
  }
  return Value::ListOf(types::kStrings, std::move(parts));
}

using TextOf = std::string (*)(absl::string_view);

Function Mapping(absl::string_view name, absl::string_view doc, TextOf code) {
  return {.name = name,
          .parameters = {&types::kString},
          .result = &types::kString,
          .doc = doc,
          .code = [code](Call& call) -> Result { return Value::String(code(call.text(0))); }};
}

Function Test(absl::string_view name, absl::string_view doc,
              bool (*code)(absl::string_view text, absl::string_view part)) {
  return {.name = name,
          .parameters = {&types::kString, &types::kString},
          .result = &types::kBool,
          .doc = doc,
          .code = [code](Call& call) -> Result {
            return Value::Bool(code(call.text(1), call.text(0)));
          }};
}

Function Trimming(absl::string_view name, absl::string_view doc,
                  absl::string_view (*code)(absl::string_view text, absl::string_view part)) {
  return {.name = name,
          .parameters = {&types::kString, &types::kString},
          .result = &types::kString,
          .doc = doc,
          .code = [code](Call& call) -> Result {
            return Value::String(code(call.text(1), call.text(0)));
          }};
}

absl::string_view TrimmedSet(absl::string_view text, absl::string_view set) {
  return TrimmedIf(text, [set](char32_t character) { return HasCharacter(set, character); });
}

std::vector<Function> WordFunctions() {
  const gotmpl::Type* string = &types::kString;
  const gotmpl::Type* integer = &types::kInt;
  return {
      Mapping("upper", "The text in upper case.",
              [](absl::string_view text) { return text::ToUpper(text); }),
      Mapping("lower", "The text in lower case.",
              [](absl::string_view text) { return text::ToLower(text); }),
      Mapping("title", "The text with each word's first letter in upper case.", Title),
      Mapping("untitle", "The text with each word's first letter in lower case.", Untitle),
      Mapping("swapcase", "The text with upper and lower case exchanged.", SwapCase),
      Mapping("nospace", "The text without its white space.", WithoutSpace),
      Mapping("initials", "The first byte of each word.", Initials),
      {.name = "abbrev",
       .parameters = {integer, string},
       .result = string,
       .doc = "The text cut to a length, with dots where it was.",
       .code = [](Call& call) -> Result {
         return Value::String(Abbreviate(call.text(1), 0, call.integer(0)));
       }},
      {.name = "abbrevboth",
       .parameters = {integer, integer, string},
       .result = string,
       .doc = "The text from an offset cut to a length, with dots where it was.",
       .code = [](Call& call) -> Result {
         if (call.integer(0) > 0 && call.integer(1) < 7) return call[2];
         return Value::String(Abbreviate(call.text(2), call.integer(0), call.integer(1)));
       }},
      {.name = "wrap",
       .parameters = {integer, string},
       .result = string,
       .doc = "The text in lines of a length; longer words stay whole.",
       .code = [](Call& call) -> Result {
         return Value::String(Wrap(call.text(1), call.integer(0), "\n", false));
       }},
      {.name = "wrapWith",
       .parameters = {integer, string, string},
       .result = string,
       .doc = "The text in parts of a length, longer words too, with a separator.",
       .code = [](Call& call) -> Result {
         const absl::string_view separator = call.text(1).empty() ? "\n" : call.text(1);
         RETURN_IF_ERROR(call.session().ChargeFunction(call.text(2).size() * separator.size()));
         return Value::String(Wrap(call.text(2), call.integer(0), separator, true));
       }},
      {.name = "plural",
       .parameters = {string, string, integer},
       .result = string,
       .doc = "The first text for one, the second for any other number.",
       .code = [](Call& call) -> Result { return call[call.integer(2) == 1 ? 0 : 1]; }},
  };
}

std::vector<Function> JoiningFunctions() {
  const gotmpl::Type* string = &types::kString;
  const gotmpl::Type* any = &types::kAny;
  return {
      {.name = "quote",
       .parameters = {any},
       .variadic = true,
       .result = string,
       .doc = "The arguments in double quotes, escaped.",
       .code = Quote},
      {.name = "squote",
       .parameters = {any},
       .variadic = true,
       .result = string,
       .doc = "The arguments in single quotes, as they are.",
       .code = [](Call& call) { return Joined(call, "'"); }},
      {.name = "cat",
       .parameters = {any},
       .variadic = true,
       .result = string,
       .doc = "The arguments with spaces between them.",
       .code = [](Call& call) { return Joined(call, ""); }},
      {.name = "toString",
       .parameters = {any},
       .result = string,
       .doc = "The argument as text.",
       .code = [](Call& call) -> Result {
         if (call[0].type() == &types::kString) return call[0];
         ASSIGN_OR_RETURN(std::string text, ToText(call[0], call.session()));
         return Value::String(std::move(text));
       }},
      {.name = "join",
       .parameters = {string, any},
       .result = string,
       .doc = "The elements of a list with a separator between them.",
       .code = Join},
      {.name = "split",
       .parameters = {string, string},
       .result = &types::kStringMap,
       .doc = "The parts of the text between separators, as a map with the keys _0, _1 …",
       .code = [](Call& call) { return Split(call, 1, -1); }},
      {.name = "splitn",
       .parameters = {string, &types::kInt, string},
       .result = &types::kStringMap,
       .doc = "As split, with at most so many parts.",
       .code = [](Call& call) { return Split(call, 2, call.integer(1)); }},
      {.name = "splitList",
       .parameters = {string, string},
       .result = &types::kStrings,
       .doc = "The parts of the text between separators.",
       .code = SplitList},
  };
}

}  // namespace

std::vector<Function> StringFunctions() {
  const gotmpl::Type* string = &types::kString;
  const gotmpl::Type* integer = &types::kInt;
  const auto trim = [](absl::string_view text) { return std::string(TrimmedSpace(text)); };
  std::vector<Function> functions = {
      Mapping("trim", "The text without white space at its ends.", trim),
      Trimming("trimAll", "The text without any of the characters at its ends.", TrimmedSet),
      Trimming("trimall", "The text without any of the characters at its ends.", TrimmedSet),
      Trimming("trimPrefix", "The text without the beginning.", absl::StripPrefix),
      Trimming("trimSuffix", "The text without the end.", absl::StripSuffix),
      Test("contains", "Whether the second text has the first in it.",
           [](absl::string_view text, absl::string_view part) {
             return absl::StrContains(text, part);
           }),
      Test("hasPrefix", "Whether the second text begins with the first.",
           [](absl::string_view text, absl::string_view part) {
             return absl::StartsWith(text, part);
           }),
      Test("hasSuffix", "Whether the second text ends with the first.",
           [](absl::string_view text, absl::string_view part) {
             return absl::EndsWith(text, part);
           }),
      {.name = "repeat",
       .parameters = {integer, string},
       .result = string,
       .doc = "The text so many times.",
       .code = Repeat},
      {.name = "indent",
       .parameters = {integer, string},
       .result = string,
       .doc = "The text with so many spaces before each line.",
       .code = [](Call& call) { return Indent(call, ""); }},
      {.name = "nindent",
       .parameters = {integer, string},
       .result = string,
       .doc = "As indent, behind a line break.",
       .code = [](Call& call) { return Indent(call, "\n"); }},
      {.name = "substr",
       .parameters = {integer, integer, string},
       .result = string,
       .doc = "The part of the text between two positions.",
       .code = Substring},
      {.name = "trunc",
       .parameters = {integer, string},
       .result = string,
       .doc = "The beginning of the text, or its end if the length is negative.",
       .code = Truncate},
      {.name = "replace",
       .parameters = {string, string, string},
       .result = string,
       .doc = "The third text with the second wherever the first was.",
       .code = Replace},
      {.name = "hello",
       .result = string,
       .doc = "A greeting.",
       .code = [](Call&) -> Result { return Value::String("Hello!"); }},
  };
  for (const std::vector<Function>& family : {WordFunctions(), JoiningFunctions()}) {
    functions.insert(functions.end(), family.begin(), family.end());
  }
  return functions;
}

}  // namespace sluice::sprig
