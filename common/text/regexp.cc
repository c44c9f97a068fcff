// SPDX-License-Identifier: Apache-2.0
#include "common/text/regexp.h"

#include <re2/re2.h>

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/text/utf8.h"

namespace sluice::text {
namespace {

absl::Status Refused(absl::string_view complaint, absl::string_view argument) {
  return absl::InvalidArgumentError(
      absl::StrCat("error parsing regexp: ", complaint, ": `", argument, "`"));
}

// Go's words for what RE2 found wrong.
absl::string_view Complaint(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
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
    case RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "invalid character class range";
  }
}

// The expression in the syntax of the RE2 of Debian 12. Go also has (?<name>) for (?P<name>), and
// it refuses \C, which would match half a character.
absl::StatusOr<std::string> Translated(absl::string_view text) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < text.size();) {
    const absl::string_view rest = text.substr(i);
    size_t size = 1;
    if (absl::StartsWith(rest, "\\Q") && !in_class) {
      size = std::min(rest.find("\\E"), rest.size() - 2) + 2;
    } else if (rest[0] == '\\') {
      if (absl::StartsWith(rest, "\\C")) return Refused("invalid escape sequence", "\\C");
      size = std::min<size_t>(2, rest.size());
    } else if (in_class) {
      in_class = rest[0] != ']';
    } else if (rest[0] == '[') {
      in_class = true;
      if (absl::StartsWith(rest, "[^")) size = 2;
      if (absl::StartsWith(rest.substr(size), "]")) ++size;  // a bracket in first place is one
    } else if (absl::StartsWith(rest, "(?<") && rest.size() > 3) {
      out += "(?P<";
      i += 3;
      continue;
    }
    out.append(rest.data(), size);
    i += size;
  }
  return out;
}

// Where Go's parser and RE2's find another fault first, or quote another part.
std::string Argument(RE2::ErrorCode code, const RE2& expression, absl::string_view text) {
  // Of parentheses Go quotes the whole expression.
  const bool whole = code == RE2::ErrorMissingParen || code == RE2::ErrorUnexpectedParen ||
                     code == RE2::ErrorPatternTooLarge || code == RE2::ErrorBadUTF8;
  if (code == RE2::ErrorTrailingBackslash) return "";
  if (whole) return std::string(text);
  const std::string& argument = expression.error_arg();
  // What we put in for (?<.
  const bool ours = absl::StartsWith(argument, "(?P<") && !absl::StrContains(text, argument);
  return ours ? absl::StrCat("(?<", argument.substr(4)) : argument;
}

}  // namespace

struct Regexp::Compiled {
  std::string text;
  RE2 expression;
};

absl::StatusOr<Regexp> Regexp::Compile(absl::string_view expression, int64_t max_memory) {
  const absl::StatusOr<std::string> translated = Translated(expression);
  if (!translated.ok()) return translated.status();
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(max_memory);
  auto compiled = std::shared_ptr<const Compiled>(
      new Compiled{std::string(expression), RE2(*translated, options)});
  const RE2& regexp = compiled->expression;
  if (!regexp.ok()) {
    return Refused(Complaint(regexp.error_code()),
                   Argument(regexp.error_code(), regexp, expression));
  }
  return Regexp(std::move(compiled));
}

bool Regexp::MatchesIn(absl::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->expression);
}

bool Regexp::Find(absl::string_view text, size_t start, std::span<absl::string_view> groups) const {
  absl::InlinedVector<re2::StringPiece, 8> found(groups.size());
  if (!compiled_->expression.Match(re2::StringPiece(text.data(), text.size()), start, text.size(),
                                   RE2::UNANCHORED, found.data(), static_cast<int>(found.size()))) {
    return false;
  }
  for (size_t i = 0; i < found.size(); ++i) {
    groups[i] = absl::string_view(found[i].data(), found[i].size());
  }
  return true;
}

void Regexp::Expand(absl::string_view replacement, std::span<const absl::string_view> groups,
                    std::string& out) const {
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
    size_t group = groups.size();  // none
    const bool padded = name.size() > 1 && name.front() == '0';
    if (int32_t number = 0; !padded && absl::SimpleAtoi(name, &number)) {
      group = static_cast<size_t>(number);
    } else {
      group = GroupNamed(name).value_or(groups.size());
    }
    if (group < groups.size()) absl::StrAppend(&out, groups[group]);
  }
}

size_t Regexp::group_count() const {
  return static_cast<size_t>(compiled_->expression.NumberOfCapturingGroups());
}

std::optional<size_t> Regexp::GroupNamed(absl::string_view name) const {
  const auto& named = compiled_->expression.NamedCapturingGroups();
  const auto found = named.find(std::string(name));
  if (found == named.end()) return std::nullopt;
  return static_cast<size_t>(found->second);
}

const std::string& Regexp::text() const { return compiled_->text; }

}  // namespace sluice::text
