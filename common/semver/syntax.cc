// SPDX-License-Identifier: Apache-2.0
#include "common/semver/syntax.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace sluice::semver {
namespace {

// Go's \s, which unlike ascii_isspace has no vertical tab.
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

size_t ConsumeSpaces(absl::string_view& text) {
  size_t count = 0;
  while (count < text.size() && IsSpace(text[count])) ++count;
  text.remove_prefix(count);
  return count;
}

template <typename Predicate>
absl::string_view ConsumeWhile(absl::string_view& text, Predicate predicate) {
  size_t count = 0;
  while (count < text.size() && predicate(text[count])) ++count;
  const absl::string_view taken = text.substr(0, count);
  text.remove_prefix(count);
  return taken;
}

// `mark` and one or more identifiers between dots; returns them without the mark. Nothing is taken
// if no identifier follows the mark.
absl::string_view ConsumeIdentifiers(absl::string_view& text, char mark) {
  if (text.size() < 2 || text[0] != mark || !IsIdentifierCharacter(text[1])) return {};
  size_t end = 1;
  while (end < text.size() &&
         (IsIdentifierCharacter(text[end]) ||
          (text[end] == '.' && end + 1 < text.size() && IsIdentifierCharacter(text[end + 1])))) {
    ++end;
  }
  const absl::string_view taken = text.substr(1, end - 1);
  text.remove_prefix(end);
  return taken;
}

absl::string_view ConsumeOperator(absl::string_view& text) {
  for (const absl::string_view op : {"!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^"}) {
    if (absl::StartsWith(text, op)) {
      const absl::string_view taken = text.substr(0, op.size());
      text.remove_prefix(op.size());
      return taken;
    }
  }
  return {};
}

// Whether `text` has a "-" between spaces at all; most constraints have none.
bool MayHaveHyphenRange(absl::string_view text) {
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '-' && IsSpace(text[i - 1]) && IsSpace(text[i + 1])) return true;
  }
  return false;
}

struct HyphenRange {
  absl::string_view text;  // with the spaces around it
  absl::string_view low, high;
};

std::optional<HyphenRange> HyphenRangeAt(absl::string_view text) {
  absl::string_view rest = text;
  ConsumeSpaces(rest);
  const std::optional<Pattern> low = ConsumePattern(rest, Digits::kWildcardsToo);
  if (!low.has_value() || ConsumeSpaces(rest) == 0) return std::nullopt;
  if (!absl::ConsumePrefix(&rest, "-") || ConsumeSpaces(rest) == 0) return std::nullopt;
  const std::optional<Pattern> high = ConsumePattern(rest, Digits::kWildcardsToo);
  if (!high.has_value()) return std::nullopt;
  ConsumeSpaces(rest);
  return HyphenRange{text.substr(0, text.size() - rest.size()), low->text, high->text};
}

}  // namespace

bool IsIdentifierCharacter(char c) { return absl::ascii_isalnum(c) || c == '-'; }

std::optional<Pattern> ConsumePattern(absl::string_view& text, Digits digits) {
  const auto is_digit = [digits](char c) {
    return absl::ascii_isdigit(c) ||
           (digits == Digits::kWildcardsToo && absl::StrContains("xX*|", c));
  };
  absl::string_view rest = text;
  absl::ConsumePrefix(&rest, "v");
  Pattern pattern;
  pattern.major = ConsumeWhile(rest, is_digit);
  if (pattern.major.empty()) return std::nullopt;
  for (absl::string_view* part : {&pattern.minor, &pattern.patch}) {
    if (rest.size() < 2 || rest[0] != '.' || !is_digit(rest[1])) break;
    rest.remove_prefix(1);
    *part = ConsumeWhile(rest, is_digit);
  }
  pattern.prerelease = ConsumeIdentifiers(rest, '-');
  pattern.metadata = ConsumeIdentifiers(rest, '+');
  pattern.text = text.substr(0, text.size() - rest.size());
  text = rest;
  return pattern;
}

std::optional<std::vector<Comparison>> SplitGroup(absl::string_view group) {
  std::vector<Comparison> comparisons;
  while (true) {
    // A comma may stand between two comparisons, with or without spaces; else a space must.
    const size_t spaces = ConsumeSpaces(group);
    if (!comparisons.empty()) {
      if (group.empty()) return comparisons;
      if (!absl::ConsumePrefix(&group, ",") && spaces == 0) return std::nullopt;
      ConsumeSpaces(group);
    }
    const absl::string_view op = ConsumeOperator(group);
    ConsumeSpaces(group);
    const std::optional<Pattern> pattern = ConsumePattern(group, Digits::kWildcardsToo);
    if (!pattern.has_value()) return std::nullopt;
    comparisons.push_back({op, *pattern});
  }
}

std::string RewriteHyphens(absl::string_view constraint) {
  std::string rewritten(constraint);
  if (!MayHaveHyphenRange(constraint)) return rewritten;
  size_t at = 0;
  while (at < constraint.size()) {
    const std::optional<HyphenRange> range = HyphenRangeAt(constraint.substr(at));
    if (!range.has_value()) {
      ++at;
      continue;
    }
    // The first such text is replaced, wherever it stands; that is how the reference does it.
    const size_t found = rewritten.find(range->text.data(), 0, range->text.size());
    if (found == std::string::npos) break;
    rewritten.replace(found, range->text.size(),
                      absl::StrCat(">= ", range->low, ", <= ", range->high, " "));
    at += range->text.size();
  }
  return rewritten;
}

}  // namespace sluice::semver
