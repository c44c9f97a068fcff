// One line of an ignore file.
//
// The dialect is that of Flux (fluxcd/pkg/sourceignore, 2026), a relative of Git's:
//
//   name     the glob is tried on every element of a path, so it matches what lies below too
//   a/b      anchored at the scope; matches that path and everything below it
//   /name    likewise
//   dir/     as without the slash, but the path itself only if it is a directory
//   a/**/b   "**" skips ahead to the first element that matches what comes next, without trying
//            a later one; at the end it matches everything, also "a" itself
//   !…       takes back what earlier patterns ignore, also below an ignored directory
//
// An element that merely contains "**" matches nothing in an anchored pattern. Globs are those of
// common/fs/glob.h, and a malformed one matches nothing.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/fs/glob.h"

namespace sluice::gitignore {

// Immutable, safe to share between threads.
class Pattern {
 public:
  // `line` is neither blank nor a comment. `scope` is the directory whose content the pattern is
  // about, a clean path, "" for everything.
  Pattern(absl::string_view line, absl::string_view scope);

  // Whether the pattern is about the path with these elements, as a whole from the tree's root.
  bool Matches(std::span<const absl::string_view> path, bool is_directory) const;

  // Whether a match takes the path back in, rather than ignoring it.
  bool negated() const { return negated_; }

 private:
  // What stands between two slashes.
  struct Element {
    enum class Kind { kEmpty, kAnyDepth, kGlob, kNever };
    Kind kind;
    fs::Glob glob;
  };

  bool MatchesAnyElement(std::span<const absl::string_view> path, bool is_directory) const;
  bool MatchesFromScope(std::span<const absl::string_view> path, bool is_directory) const;

  std::vector<std::string> scope_;
  std::vector<Element> elements_;
  bool negated_ = false;
  bool directory_only_ = false;
  bool anchored_ = false;
};

}  // namespace sluice::gitignore
