// SPDX-License-Identifier: Apache-2.0
#include "common/artifact_composition/path_glob.h"

#include <set>
#include <span>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"

namespace sluice::artifact_composition {
namespace {

constexpr absl::string_view kAnyDepth = "**";
// Paths that one pattern may select.
constexpr size_t kMaxSelected = 1'000'000;

absl::Status SyntaxError() { return absl::InvalidArgumentError("syntax error in pattern"); }

std::string Below(absl::string_view directory, absl::string_view name) {
  return directory.empty() ? std::string(name) : absl::StrCat(directory, "/", name);
}

absl::Status CheckCount(size_t count) {
  if (count <= kMaxSelected) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("the pattern selects more than ", kMaxSelected, " paths"));
}

// The end of the class or escape that begins at `at`, npos if it is not well formed.
size_t SkipUnit(absl::string_view pattern, size_t at) {
  if (pattern[at] == '\\') return at + 1 < pattern.size() ? at + 2 : absl::string_view::npos;
  if (pattern[at] != '[') return at + 1;
  size_t i = at + 1;
  if (i < pattern.size() && (pattern[i] == '^' || pattern[i] == '!')) ++i;
  if (i == pattern.size() || pattern[i] == ']') return absl::string_view::npos;
  for (; i < pattern.size() && pattern[i] != ']'; ++i) {
    if (pattern[i] == '\\') ++i;
  }
  return i < pattern.size() ? i + 1 : absl::string_view::npos;
}

// Whether the pattern is well formed, so that what follows need not look.
bool IsWellFormed(absl::string_view pattern) {
  int depth = 0;
  for (size_t i = 0; i < pattern.size();) {
    if (pattern[i] == '{') ++depth;
    if (pattern[i] == '}' && --depth < 0) return false;
    i = SkipUnit(pattern, i);
    if (i == absl::string_view::npos) return false;
  }
  return depth == 0;
}

// Takes the first choice of a well-formed pattern apart: what stands before it, its alternatives
// and what follows. False if there is none.
bool SplitChoice(absl::string_view pattern, absl::string_view& before,
                 std::vector<absl::string_view>& choices, absl::string_view& after) {
  size_t open = 0;
  while (open < pattern.size() && pattern[open] != '{') open = SkipUnit(pattern, open);
  if (open >= pattern.size()) return false;
  before = pattern.substr(0, open);
  size_t begin = open + 1;
  int depth = 1;
  for (size_t i = begin; i < pattern.size();) {
    if (pattern[i] == '{') ++depth;
    if (pattern[i] == '}') --depth;
    if (depth == 0 || (depth == 1 && pattern[i] == ',')) {
      choices.push_back(pattern.substr(begin, i - begin));
      begin = i + 1;
    }
    if (depth == 0) {
      after = pattern.substr(i + 1);
      return true;
    }
    i = SkipUnit(pattern, i);
  }
  return false;
}

// `pattern` without choices, appended to `result`.
absl::Status ExpandChoices(absl::string_view pattern, std::vector<std::string>& result) {
  absl::string_view before;
  absl::string_view after;
  std::vector<absl::string_view> choices;
  if (!SplitChoice(pattern, before, choices, after)) {
    result.emplace_back(pattern);
    if (result.size() <= DoubleStar::kMaxAlternatives) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat("the pattern has more than ", DoubleStar::kMaxAlternatives, " alternatives"));
  }
  for (const absl::string_view choice : choices) {
    RETURN_IF_ERROR(ExpandChoices(absl::StrCat(before, choice, after), result));
  }
  return absl::OkStatus();
}

// "[!a]" is another spelling of "[^a]" here, which Go's path.Match does not know.
std::string WithCarets(absl::string_view pattern) {
  std::string result(pattern);
  for (size_t i = 0; i < pattern.size(); i = SkipUnit(pattern, i)) {
    // The element of a path may end in the middle of a class.
    if (absl::StartsWith(pattern.substr(i), "[!")) result[i + 1] = '^';
  }
  return result;
}

// path.Split and fs.Glob's trimming of the directory: what is before the last "/", if anything.
std::pair<absl::string_view, absl::string_view> SplitLast(absl::string_view pattern) {
  const size_t slash = pattern.rfind('/');
  if (slash == absl::string_view::npos) return {".", pattern};
  return {slash == 0 ? "/" : pattern.substr(0, slash), pattern.substr(slash + 1)};
}

// io/fs takes "." for the root, and clean paths otherwise.
const absl::string_view* AsTreePath(const absl::string_view& path, absl::string_view& storage) {
  storage = path == "." ? absl::string_view() : path;
  return (path == "." || (!path.empty() && fs::IsCleanPath(path))) ? &storage : nullptr;
}

absl::Status AppendMatches(const fs::Tree& tree, absl::string_view directory,
                           absl::string_view pattern, std::vector<std::string>& result) {
  absl::string_view path;
  if (AsTreePath(directory, path) == nullptr) return absl::OkStatus();
  const auto entries = tree.List(path);
  if (!entries.ok()) return absl::OkStatus();  // as in Go: what cannot be read matches nothing
  const fs::Glob glob(pattern);
  for (const fs::Entry& entry : *entries) {
    if (glob.Matches(entry.name)) result.push_back(Below(path, entry.name));
  }
  return CheckCount(result.size());
}

absl::StatusOr<std::vector<std::string>> GoGlob(const fs::Tree& tree, absl::string_view pattern) {
  const auto has_meta = [](absl::string_view text) {
    return text.find_first_of("*?[\\") != absl::string_view::npos;
  };
  std::vector<std::string> result;
  if (!has_meta(pattern)) {
    absl::string_view path;
    if (AsTreePath(pattern, path) != nullptr && tree.Stat(path).ok()) result.emplace_back(pattern);
    return result;
  }
  const auto [directory, name] = SplitLast(pattern);
  if (!has_meta(directory)) {
    RETURN_IF_ERROR(AppendMatches(tree, directory, name, result));
    return result;
  }
  if (directory == pattern) return SyntaxError();
  ASSIGN_OR_RETURN(const std::vector<std::string> directories, GoGlob(tree, directory));
  for (const std::string& found : directories) {
    RETURN_IF_ERROR(AppendMatches(tree, found, name, result));
  }
  return result;
}

}  // namespace

bool IsPattern(absl::string_view path) {
  return path.find_first_of("*?[]") != absl::string_view::npos;
}

absl::StatusOr<std::vector<std::string>> Expand(const fs::Tree& tree, absl::string_view pattern) {
  if (pattern.size() > fs::kMaxPathBytes || fs::Glob(pattern).malformed()) return SyntaxError();
  return GoGlob(tree, pattern);
}

absl::StatusOr<DoubleStar> DoubleStar::Parse(absl::string_view pattern) {
  if (pattern.size() > fs::kMaxPathBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the pattern has more than ", fs::kMaxPathBytes, " bytes"));
  }
  if (!IsWellFormed(pattern)) return SyntaxError();
  std::vector<std::string> plain;
  RETURN_IF_ERROR(ExpandChoices(pattern, plain));
  DoubleStar result;
  for (const std::string& text : plain) {
    Alternative alternative;
    for (const absl::string_view element : absl::StrSplit(text, '/')) {
      const bool any_depth = element == kAnyDepth;
      // Two in a row are one, which keeps matching linear.
      if (any_depth && !alternative.empty() && alternative.back().any_depth) continue;
      alternative.push_back({any_depth, fs::Glob(WithCarets(element))});
    }
    result.alternatives_.push_back(std::move(alternative));
  }
  return result;
}

bool DoubleStar::Matches(absl::string_view path) const {
  const std::vector<absl::string_view> names = absl::StrSplit(path, '/');
  for (const Alternative& alternative : alternatives_) {
    // reached[i]: the elements so far match the first i names.
    std::vector<bool> reached(names.size() + 1, false);
    reached[0] = true;
    for (const Element& element : alternative) {
      std::vector<bool> next(names.size() + 1, false);
      if (element.any_depth) {
        bool any = false;
        for (size_t i = 0; i <= names.size(); ++i) next[i] = any = any || reached[i];
      } else {
        for (size_t i = 0; i < names.size(); ++i) {
          if (reached[i] && element.glob.Matches(names[i])) next[i + 1] = true;
        }
      }
      reached = std::move(next);
    }
    if (reached.back()) return true;
  }
  return false;
}

absl::StatusOr<std::vector<std::string>> DoubleStar::Expand(const fs::Tree& tree) const {
  std::vector<std::string> result;
  std::set<std::string> seen;
  const auto add = [&](std::string path) {
    if (seen.insert(path).second) result.push_back(std::move(path));
    return CheckCount(result.size());
  };
  // What the elements from `from` on select below `directory`.
  const auto expand = [&](const auto& self, absl::string_view directory,
                          std::span<const Element> from) -> absl::Status {
    if (from.empty()) return add(std::string(directory));
    const bool any_depth = from.front().any_depth;
    if (any_depth) RETURN_IF_ERROR(self(self, directory, from.subspan(1)));
    const auto entries = tree.List(directory);
    if (!entries.ok()) return absl::OkStatus();
    for (const fs::Entry& entry : *entries) {
      const bool is_directory = entry.type == fs::EntryType::kDirectory;
      if (any_depth) {
        if (is_directory) {
          RETURN_IF_ERROR(self(self, Below(directory, entry.name), from));
        } else if (from.size() == 1) {
          RETURN_IF_ERROR(add(Below(directory, entry.name)));
        }
      } else if (from.front().glob.Matches(entry.name)) {
        if (is_directory || from.size() == 1) {
          RETURN_IF_ERROR(self(self, Below(directory, entry.name), from.subspan(1)));
        }
      }
    }
    return absl::OkStatus();
  };
  for (const Alternative& alternative : alternatives_) {
    RETURN_IF_ERROR(expand(expand, "", alternative));
  }
  return result;
}

}  // namespace sluice::artifact_composition
