// SPDX-License-Identifier: Apache-2.0
#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/quote.h"
#include "common/sprig/convert.h"
#include "common/sprig/sprig.h"
#include "common/text/quote.h"
#include "common/text/utf8.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::List;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;
using Pattern = std::unique_ptr<RE2>;

// Go's words for what RE2 found wrong.
absl::string_view Complaint(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    default:
      return "invalid character class range";
  }
}

// The expression in the syntax of the RE2 of Debian 12. Go also has (?<name>) for (?P<name>), and
// it refuses \C, which would match half a character.
absl::StatusOr<std::string> Translated(absl::string_view text) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const absl::string_view rest = text.substr(i);
    size_t size = 1;
    if (absl::StartsWith(rest, "\\Q")) {
      size = std::min(rest.find("\\E"), rest.size() - 2) + 2;
    } else if (rest[0] == '\\') {
      if (absl::StartsWith(rest, "\\C") && !in_class) {
        return Failure("error parsing regexp: invalid escape sequence: `\\C`");
      }
      size = std::min<size_t>(2, rest.size());
    } else if (in_class) {
      in_class = rest[0] != ']';
    } else if (rest[0] == '[') {
      in_class = true;
      if (absl::StartsWith(rest, "[^")) size = 2;
      if (absl::StartsWith(rest.substr(size), "]")) ++size;  // a bracket in first place is one
    } else if (absl::StartsWith(rest, "(?<") && rest.size() > 3 && rest[3] != '=' &&
               rest[3] != '!') {
      out += "(?P<";
      i += 2;
      continue;
    }
    absl::StrAppend(&out, rest.substr(0, size));
    i += size - 1;
  }
  return out;
}

absl::StatusOr<Pattern> Compile(absl::string_view text) {
  ASSIGN_OR_RETURN(const std::string translated, Translated(text));
  RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_unique<RE2>(translated, options);
  if (pattern->ok()) return pattern;
  if (pattern->error_code() == RE2::ErrorPatternTooLarge) {
    return Failure(absl::StrCat("error parsing regexp: expression too large: `", text, "`"));
  }
  const RE2::ErrorCode code = pattern->error_code();
  // Of parentheses and bad UTF-8 Go quotes the whole expression.
  const bool whole = code == RE2::ErrorMissingParen || code == RE2::ErrorUnexpectedParen ||
                     code == RE2::ErrorBadUTF8;
  const std::string argument = whole ? std::string(text) : pattern->error_arg();
  std::string message = absl::StrCat("error parsing regexp: ", Complaint(code));
  if (code != RE2::ErrorTrailingBackslash) absl::StrAppend(&message, ": `", argument, "`");
  if (code == RE2::ErrorTrailingBackslash) absl::StrAppend(&message, ": ``");
  return Failure(message);
}

// The panic of regexp.MustCompile.
absl::StatusOr<Pattern> MustCompile(absl::string_view text) {
  absl::StatusOr<Pattern> pattern = Compile(text);
  if (pattern.ok()) return pattern;
  const std::string quoted =
      gotmpl::CanBackquote(text) ? absl::StrCat("`", text, "`") : text::Quote(text);
  return Failure(absl::StrCat("regexp: Compile(", quoted, "): ", pattern.status().message()));
}

using Compiler = absl::StatusOr<Pattern> (*)(absl::string_view);

// The groups of one match, [0] the whole; a group that took no part has no data.
using Match = std::vector<re2::StringPiece>;

// Up to `most` matches from left to right (all if negative), as Go's FindAll steps through a text:
// no empty match directly behind another match.
absl::StatusOr<std::vector<Match>> FindAll(const RE2& pattern, absl::string_view text, int64_t most,
                                           gotmpl::Session& session) {
  const re2::StringPiece piece(text.data(), text.size());
  std::vector<Match> matches;
  Match groups(static_cast<size_t>(pattern.NumberOfCapturingGroups()) + 1);
  size_t from = 0;
  size_t last_end = std::string::npos;
  while (from <= text.size() && (most < 0 || static_cast<int64_t>(matches.size()) < most)) {
    if (!pattern.Match(piece, from, text.size(), RE2::UNANCHORED, groups.data(),
                       static_cast<int>(groups.size()))) {
      break;
    }
    const auto start = static_cast<size_t>(groups[0].data() - text.data());
    const size_t end = start + groups[0].size();
    const bool empty_behind_match = start == end && start == last_end;
    RETURN_IF_ERROR(session.ChargeElements(groups.size()));
    if (!empty_behind_match) matches.push_back(groups);
    last_end = end;
    if (end > from) {
      from = end;
    } else {
      const size_t step = text::DecodeFirst(text.substr(from)).size;
      from += step == 0 ? 1 : step;
    }
  }
  return matches;
}

absl::string_view Whole(const Match& match) {
  return absl::string_view(match[0].data(), match[0].size());
}

// Adds the replacement with $1, ${1}, $name and ${name} filled in; $$ is a dollar sign.
void Expand(absl::string_view replacement, const RE2& pattern, const Match& match,
            std::string& out) {
  while (true) {
    const size_t dollar = replacement.find('$');
    absl::StrAppend(&out, replacement.substr(0, dollar));
    if (dollar == absl::string_view::npos) return;
    replacement.remove_prefix(dollar + 1);
    if (absl::StartsWith(replacement, "$")) {
      out += '$';
      replacement.remove_prefix(1);
      continue;
    }
    const bool braces = absl::StartsWith(replacement, "{");
    size_t end = braces ? 1 : 0;
    while (end < replacement.size() &&
           (absl::ascii_isalnum(static_cast<unsigned char>(replacement[end])) ||
            replacement[end] == '_')) {
      ++end;
    }
    const absl::string_view name = replacement.substr(braces ? 1 : 0, end - (braces ? 1 : 0));
    if (name.empty() || (braces && (end == replacement.size() || replacement[end] != '}'))) {
      out += '$';  // no reference after all
      continue;
    }
    replacement.remove_prefix(end + (braces ? 1 : 0));
    int group = -1;
    if (!absl::SimpleAtoi(name, &group)) {
      const auto& named = pattern.NamedCapturingGroups();
      const auto found = named.find(std::string(name));
      group = found == named.end() ? -1 : found->second;
    }
    if (group >= 0 && static_cast<size_t>(group) < match.size() &&
        match[static_cast<size_t>(group)].data() != nullptr) {
      const re2::StringPiece& text = match[static_cast<size_t>(group)];
      out.append(text.data(), text.size());
    }
  }
}

Result Replace(Call& call, Compiler compile, bool literal) {
  ASSIGN_OR_RETURN(const Pattern pattern, compile(call.text(0)));
  const absl::string_view text = call.text(1);
  std::string out;
  size_t copied = 0;
  ASSIGN_OR_RETURN(const std::vector<Match> matches, FindAll(*pattern, text, -1, call.session()));
  for (const Match& match : matches) {
    const auto start = static_cast<size_t>(match[0].data() - text.data());
    absl::StrAppend(&out, text.substr(copied, start - copied));
    if (literal) {
      absl::StrAppend(&out, call.text(2));
    } else {
      Expand(call.text(2), *pattern, match, out);
    }
    copied = start + match[0].size();
    if (out.size() > call.session().function_bytes_left()) {
      return call.session().ChargeFunction(out.size());
    }
  }
  absl::StrAppend(&out, text.substr(copied));
  return Value::String(std::move(out));
}

Result Find(Call& call, Compiler compile) {
  ASSIGN_OR_RETURN(const Pattern pattern, compile(call.text(0)));
  ASSIGN_OR_RETURN(const std::vector<Match> matches,
                   FindAll(*pattern, call.text(1), 1, call.session()));
  return Value::String(matches.empty() ? "" : Whole(matches[0]));
}

Result FindAllTexts(Call& call, Compiler compile) {
  ASSIGN_OR_RETURN(const Pattern pattern, compile(call.text(0)));
  ASSIGN_OR_RETURN(const std::vector<Match> matches,
                   FindAll(*pattern, call.text(1), call.integer(2), call.session()));
  List found;
  for (const Match& match : matches) {
    found.push_back(Value::String(Whole(match)));
  }
  if (found.empty()) return Value::NilOf(types::kStrings);
  return Value::ListOf(types::kStrings, std::move(found));
}

Result Split(Call& call, Compiler compile) {
  ASSIGN_OR_RETURN(const Pattern pattern, compile(call.text(0)));
  const absl::string_view text = call.text(1);
  const int64_t most = call.integer(2);
  if (most == 0) return Value::NilOf(types::kStrings);
  if (!call.text(0).empty() && text.empty()) {
    return Value::ListOf(types::kStrings, {Value::String("")});
  }
  List parts;
  size_t start = 0;
  size_t end = 0;
  ASSIGN_OR_RETURN(const std::vector<Match> matches, FindAll(*pattern, text, most, call.session()));
  for (const Match& match : matches) {
    if (most > 0 && static_cast<int64_t>(parts.size()) == most - 1) break;
    const auto at = static_cast<size_t>(match[0].data() - text.data());
    end = at;
    if (at + match[0].size() != 0) {
      parts.push_back(Value::String(text.substr(start, end - start)));
    }
    start = at + match[0].size();
  }
  if (end != text.size()) parts.push_back(Value::String(text.substr(start)));
  return Value::ListOf(types::kStrings, std::move(parts));
}

Result QuoteMeta(Call& call) {
  std::string quoted;
  for (const char c : call.text(0)) {
    if (absl::StrContains("\\.+*?()|[]{}^$", c) && c != '\0') quoted += '\\';
    quoted += c;
  }
  return Value::String(quoted);
}

// The two forms of a function: one that panics at a bad expression, one that returns an error.
void AddPair(Function function, absl::string_view must_name, Result (*code)(Call&, Compiler),
             std::vector<Function>& functions) {
  function.code = [code](Call& call) { return code(call, MustCompile); };
  functions.push_back(function);
  function.name = must_name;
  function.code = [code](Call& call) { return code(call, Compile); };
  functions.push_back(std::move(function));
}

Result Matches(Call& call, Compiler compile) {
  ASSIGN_OR_RETURN(const Pattern pattern, compile(call.text(0)));
  ASSIGN_OR_RETURN(const std::vector<Match> matches,
                   FindAll(*pattern, call.text(1), 1, call.session()));
  return Value::Bool(!matches.empty());
}

}  // namespace

std::vector<Function> RegexFunctions() {
  const gotmpl::Type* string = &types::kString;
  std::vector<Function> functions;
  functions.push_back({.name = "regexMatch",
                       .parameters = {string, string},
                       .result = &types::kBool,
                       .doc = "Whether the expression matches the text; false if it is none.",
                       .code = [](Call& call) -> Result {
                         const Result matches = Matches(call, Compile);
                         if (absl::IsResourceExhausted(matches.status())) return matches;
                         return Value::Bool(matches.ok() && matches->boolean());
                       }});
  functions.push_back({.name = "mustRegexMatch",
                       .parameters = {string, string},
                       .result = &types::kBool,
                       .doc = "Whether the expression matches the text.",
                       .code = [](Call& call) { return Matches(call, Compile); }});
  AddPair({.name = "regexFind",
           .parameters = {string, string},
           .result = string,
           .doc = "The first match of the expression in the text.",
           .code = nullptr},
          "mustRegexFind", Find, functions);
  AddPair({.name = "regexFindAll",
           .parameters = {string, string, &types::kInt},
           .result = &types::kStrings,
           .doc = "The matches of the expression in the text, at most so many.",
           .code = nullptr},
          "mustRegexFindAll", FindAllTexts, functions);
  AddPair(
      {.name = "regexReplaceAll",
       .parameters = {string, string, string},
       .result = string,
       .doc = "The text with every match replaced; $1 and ${name} stand for groups.",
       .code = nullptr},
      "mustRegexReplaceAll",
      [](Call& call, Compiler compile) { return Replace(call, compile, false); }, functions);
  AddPair(
      {.name = "regexReplaceAllLiteral",
       .parameters = {string, string, string},
       .result = string,
       .doc = "The text with every match replaced by a text as it is.",
       .code = nullptr},
      "mustRegexReplaceAllLiteral",
      [](Call& call, Compiler compile) { return Replace(call, compile, true); }, functions);
  AddPair({.name = "regexSplit",
           .parameters = {string, string, &types::kInt},
           .result = &types::kStrings,
           .doc = "The parts of the text between the matches, at most so many.",
           .code = nullptr},
          "mustRegexSplit", Split, functions);
  functions.push_back({.name = "regexQuoteMeta",
                       .parameters = {string},
                       .result = string,
                       .doc = "An expression that matches the text and nothing else.",
                       .code = QuoteMeta});
  return functions;
}

}  // namespace sluice::sprig
