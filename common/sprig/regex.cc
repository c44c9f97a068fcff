// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/sprig/convert.h"
#include "common/sprig/sprig.h"
#include "common/text/quote.h"
#include "common/text/regexp.h"
#include "common/text/utf8.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::List;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;
using text::Regexp;

// The panic of regexp.MustCompile.
absl::StatusOr<Regexp> MustCompile(absl::string_view text) {
  absl::StatusOr<Regexp> pattern = Regexp::Compile(text);
  if (pattern.ok()) return pattern;
  const std::string quoted =
      text::CanBackquote(text) ? absl::StrCat("`", text, "`") : text::Quote(text);
  return Failure(absl::StrCat("regexp: Compile(", quoted, "): ", pattern.status().message()));
}

absl::StatusOr<Regexp> Compile(absl::string_view text) { return Regexp::Compile(text); }

using Compiler = absl::StatusOr<Regexp> (*)(absl::string_view);

// The groups of one match, [0] the whole; a group that took no part has no data.
using Match = std::vector<absl::string_view>;

// Up to `most` matches from left to right (all if negative), as Go's FindAll steps through a text:
// no empty match directly behind another match.
absl::StatusOr<std::vector<Match>> FindAll(const Regexp& pattern, absl::string_view text,
                                           int64_t most, gotmpl::Session& session) {
  std::vector<Match> matches;
  Match groups(pattern.group_count() + 1);
  size_t from = 0;
  size_t last_end = std::string::npos;
  while (from <= text.size() && (most < 0 || static_cast<int64_t>(matches.size()) < most)) {
    if (!pattern.Find(text, from, groups)) break;
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

Result Replace(Call& call, Compiler compile, bool literal) {
  ASSIGN_OR_RETURN(const Regexp pattern, compile(call.text(0)));
  const absl::string_view text = call.text(1);
  std::string out;
  size_t copied = 0;
  ASSIGN_OR_RETURN(const std::vector<Match> matches, FindAll(pattern, text, -1, call.session()));
  for (const Match& match : matches) {
    const auto start = static_cast<size_t>(match[0].data() - text.data());
    absl::StrAppend(&out, text.substr(copied, start - copied));
    if (literal) {
      absl::StrAppend(&out, call.text(2));
    } else {
      pattern.Expand(call.text(2), match, out);
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
  ASSIGN_OR_RETURN(const Regexp pattern, compile(call.text(0)));
  ASSIGN_OR_RETURN(const std::vector<Match> matches,
                   FindAll(pattern, call.text(1), 1, call.session()));
  return Value::String(matches.empty() ? "" : matches[0][0]);
}

Result FindAllTexts(Call& call, Compiler compile) {
  ASSIGN_OR_RETURN(const Regexp pattern, compile(call.text(0)));
  ASSIGN_OR_RETURN(const std::vector<Match> matches,
                   FindAll(pattern, call.text(1), call.integer(2), call.session()));
  List found;
  for (const Match& match : matches) {
    found.push_back(Value::String(match[0]));
  }
  if (found.empty()) return Value::NilOf(types::kStrings);
  return Value::ListOf(types::kStrings, std::move(found));
}

Result Split(Call& call, Compiler compile) {
  ASSIGN_OR_RETURN(const Regexp pattern, compile(call.text(0)));
  const absl::string_view text = call.text(1);
  const int64_t most = call.integer(2);
  if (most == 0) return Value::NilOf(types::kStrings);
  if (!call.text(0).empty() && text.empty()) {
    return Value::ListOf(types::kStrings, {Value::String("")});
  }
  List parts;
  size_t start = 0;
  size_t end = 0;
  ASSIGN_OR_RETURN(const std::vector<Match> matches, FindAll(pattern, text, most, call.session()));
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
  ASSIGN_OR_RETURN(const Regexp pattern, compile(call.text(0)));
  ASSIGN_OR_RETURN(const std::vector<Match> matches,
                   FindAll(pattern, call.text(1), 1, call.session()));
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
