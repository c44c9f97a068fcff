// SPDX-License-Identifier: Apache-2.0
#include "common/gitignore/pattern.h"

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace sluice::gitignore {

Pattern::Pattern(absl::string_view line, absl::string_view scope) {
  if (!scope.empty()) scope_ = absl::StrSplit(scope, '/');
  negated_ = absl::ConsumePrefix(&line, "!");
  if (!absl::EndsWith(line, "\\ ")) {
    while (absl::ConsumeSuffix(&line, " ")) {
    }
  }
  directory_only_ = absl::ConsumeSuffix(&line, "/");
  anchored_ = absl::StrContains(line, "/");
  for (const absl::string_view text : absl::StrSplit(line, '/')) {
    const auto kind = text.empty()                    ? Element::Kind::kEmpty
                      : text == "**"                  ? Element::Kind::kAnyDepth
                      : absl::StrContains(text, "**") ? Element::Kind::kNever
                                                      : Element::Kind::kGlob;
    elements_.push_back({kind, fs::Glob(text)});
  }
}

bool Pattern::Matches(std::span<const absl::string_view> path, bool is_directory) const {
  if (path.size() <= scope_.size()) return false;
  for (size_t i = 0; i < scope_.size(); ++i) {
    if (path[i] != scope_[i]) return false;
  }
  const auto below = path.subspan(scope_.size());
  return anchored_ ? MatchesFromScope(below, is_directory) : MatchesAnyElement(below, is_directory);
}

bool Pattern::MatchesAnyElement(std::span<const absl::string_view> path, bool is_directory) const {
  // Here "**" is no more than "*".
  const fs::Glob& glob = elements_.front().glob;
  for (size_t i = 0; i < path.size(); ++i) {
    if (!glob.Matches(path[i])) continue;
    return !directory_only_ || is_directory || i + 1 < path.size();
  }
  return false;
}

bool Pattern::MatchesFromScope(std::span<const absl::string_view> path, bool is_directory) const {
  size_t at = 0;  // elements of `path` that are matched
  bool matched = false;
  bool skip_ahead = false;
  for (size_t i = 0; i < elements_.size(); ++i) {
    const Element& element = elements_[i];
    if (element.kind == Element::Kind::kEmpty) {
      skip_ahead = false;
    } else if (element.kind == Element::Kind::kAnyDepth) {
      if (i + 1 == elements_.size()) break;
      skip_ahead = true;
    } else {
      if (element.kind == Element::Kind::kNever || at == path.size()) return false;
      matched = element.glob.Matches(path[at++]);
      while (!matched && skip_ahead && at < path.size()) {
        matched = element.glob.Matches(path[at++]);
      }
      if (!matched) return false;
      skip_ahead = false;
    }
  }
  return matched && (!directory_only_ || is_directory || at < path.size());
}

}  // namespace sluice::gitignore
