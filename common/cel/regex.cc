// SPDX-License-Identifier: Apache-2.0
#include "common/cel/regex.h"

#include <re2/re2.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace sluice::cel {
namespace {

// A compiled expression may take so much memory.
constexpr int64_t kMaxProgramBytes = int64_t{1} << 20;

re2::StringPiece Piece(absl::string_view text) { return {text.data(), text.size()}; }

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

// Go also has (?<name>…) for (?P<name>…), which the RE2 of Debian 12 does not.
std::string WithOldGroupNames(absl::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const absl::string_view rest = pattern.substr(i);
    out += pattern[i];
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      out += pattern[++i];
    } else if (in_class) {
      in_class = pattern[i] != ']';
    } else if (pattern[i] == '[') {
      in_class = true;
    } else if (absl::StartsWith(rest, "(?<") && rest.size() > 3 && rest[3] != '=' &&
               rest[3] != '!') {
      out += "?P";
      ++i;
    }
  }
  return out;
}

}  // namespace

Regex::Regex(std::unique_ptr<re2::RE2> compiled) : compiled_(std::move(compiled)) {}
Regex::~Regex() = default;

absl::StatusOr<std::unique_ptr<Regex>> Regex::Compile(absl::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxProgramBytes);
  auto compiled = std::make_unique<RE2>(WithOldGroupNames(pattern), options);
  if (!compiled->ok()) {
    // The reference quotes the whole expression where a parenthesis is wrong, else the part at
    // fault.
    const RE2::ErrorCode code = compiled->error_code();
    const bool whole = code == RE2::ErrorMissingParen || code == RE2::ErrorUnexpectedParen;
    const absl::string_view part =
        whole ? pattern
              : absl::string_view(compiled->error_arg().data(), compiled->error_arg().size());
    return absl::InvalidArgumentError(
        absl::StrCat("error parsing regexp: ", Complaint(code), ": `", part, "`"));
  }
  return std::unique_ptr<Regex>(new Regex(std::move(compiled)));
}

bool Regex::Matches(absl::string_view text) const {
  return RE2::PartialMatch(Piece(text), *compiled_);
}

bool Regex::Find(absl::string_view text, size_t start, size_t* match_start,
                 size_t* match_size) const {
  re2::StringPiece match;
  if (!compiled_->Match(Piece(text), start, text.size(), RE2::UNANCHORED, &match, 1)) {
    return false;
  }
  *match_start = static_cast<size_t>(match.data() - text.data());
  *match_size = match.size();
  return true;
}

}  // namespace sluice::cel
