// SPDX-License-Identifier: Apache-2.0
#include "common/helm/ignore_rules.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"

namespace sluice::helm {

absl::StatusOr<IgnoreRules> IgnoreRules::Parse(absl::string_view text) {
  IgnoreRules rules;
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    RETURN_IF_ERROR(rules.Add(absl::StripAsciiWhitespace(line)));
  }
  RETURN_IF_ERROR(rules.Add("templates/.?*"));
  return rules;
}

absl::Status IgnoreRules::Add(absl::string_view line) {
  if (line.empty() || line[0] == '#') return absl::OkStatus();
  if (absl::StrContains(line, "**")) {
    return absl::InvalidArgumentError("double-star (**) syntax is not supported");
  }
  if (fs::Glob(line).malformed()) return absl::InvalidArgumentError("syntax error in pattern");
  const bool negated = absl::ConsumePrefix(&line, "!");
  const bool directories_only = absl::ConsumeSuffix(&line, "/");
  const bool rooted = absl::ConsumePrefix(&line, "/");
  rules_.push_back({.pattern = fs::Glob(line),
                    .negated = negated,
                    .directories_only = directories_only,
                    .whole_path = rooted || absl::StrContains(line, '/')});
  return absl::OkStatus();
}

bool IgnoreRules::Ignores(absl::string_view path, bool is_directory) const {
  for (const Rule& rule : rules_) {
    const bool matches = rule.pattern.Matches(rule.whole_path ? path : fs::BaseName(path));
    const bool wrong_type = rule.directories_only && !is_directory;
    if (rule.negated) {
      if (wrong_type || !matches) return true;
    } else if (!wrong_type && matches) {
      return true;
    }
  }
  return false;
}

}  // namespace sluice::helm
