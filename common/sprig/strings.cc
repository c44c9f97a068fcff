// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/sprig/convert.h"
#include "common/sprig/splitting.h"
#include "common/sprig/sprig.h"
#include "common/sprig/wrap.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
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
  const std::vector<Function> words = WordFunctions();
  functions.insert(functions.end(), words.begin(), words.end());
  return functions;
}

}  // namespace sluice::sprig
