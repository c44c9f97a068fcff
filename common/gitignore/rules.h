// The list of patterns that decides what goes into an artifact, and where its patterns come from:
// ".sourceignore" files, `spec.ignore`, and built-in groups. The last pattern that matches wins.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/tree.h"
#include "common/gitignore/pattern.h"

namespace sluice::gitignore {

// The file whose lines are patterns about its directory.
inline constexpr absl::string_view kIgnoreFile = ".sourceignore";

inline constexpr size_t kMaxIgnoreFileBytes = size_t{1} << 20;
inline constexpr size_t kMaxPatterns = 10'000;
// A longer line, and what follows it, is not read; that is also what the reference does.
inline constexpr size_t kMaxLineBytes = 65'535;

// Safe for concurrent reading.
class Rules {
 public:
  // Adds the patterns in `text`, one a line; blank lines and those that begin with "#" are none.
  // `scope` is a clean path. kResourceExhausted, with nothing added, if there would be more than
  // kMaxPatterns or `text` is larger than kMaxIgnoreFileBytes.
  absl::Status Add(absl::string_view text, absl::string_view scope = "");

  // Adds the patterns of `rules` after the present ones; limited likewise.
  absl::Status Add(const Rules& rules);

  bool empty() const { return patterns_.empty(); }
  size_t size() const { return patterns_.size(); }

  // Whether the clean path `path` is to be left out. The root never is.
  bool Ignores(absl::string_view path, bool is_directory) const;

 private:
  std::vector<Pattern> patterns_;
};

// What is left out of every Git and OCI artifact: ".git/", ".gitignore", ".gitmodules" and
// ".gitattributes".
const Rules& VersionControlRules();
// What is left out as well unless a pattern is given: pictures and archives, files of CI systems
// and of tools.
const Rules& DefaultRules();

// The patterns of every ".sourceignore" in `tree`, each about its own directory: the root's first,
// then those of its directories in the order of a walk, but for what is in ".git". A link is
// followed inside the tree. The errors of Rules::Add and of fs::Walk, naming the file.
absl::StatusOr<Rules> ReadIgnoreFiles(const fs::Tree& tree);

// The rules for archiving a Git or OCI source: those of version control, then either the patterns
// of ".sourceignore" files and `spec_ignore` (spec.ignore of the object, about the root) or, if
// these have none at all, the default ones.
absl::StatusOr<Rules> ArtifactRules(const fs::Tree& tree, absl::string_view spec_ignore);

}  // namespace sluice::gitignore
