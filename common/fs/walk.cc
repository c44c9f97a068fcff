// SPDX-License-Identifier: Apache-2.0
#include "common/fs/walk.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"

namespace sluice::fs {
namespace {

// A directory whose entries are being visited.
struct Level {
  std::string path;
  std::vector<Entry> entries;
  size_t next = 0;
};

}  // namespace

absl::Status Walk(const Tree& tree, absl::string_view start, const WalkLimits& limits,
                  Visitor visitor) {
  RETURN_IF_ERROR(CheckCleanPath(start));
  std::vector<Level> levels;
  size_t visited = 0;

  // Visits one entry and enters it if it is a directory; false to stop.
  const auto visit = [&](const std::string& path, const Entry& entry) -> absl::StatusOr<bool> {
    if (++visited > limits.max_entries) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", limits.max_entries, " entries below \"", start, "\""));
    }
    ASSIGN_OR_RETURN(const Visit wish, visitor(path, entry));
    if (wish == Visit::kStop) return false;
    if (entry.type != EntryType::kDirectory || wish == Visit::kSkipDirectory) return true;
    ASSIGN_OR_RETURN(std::vector<Entry> entries, tree.List(path));
    if (levels.size() >= limits.max_depth && !entries.empty()) {
      return absl::ResourceExhaustedError(absl::StrCat("\"", path, "\" is nested more than ",
                                                       limits.max_depth, " directories deep"));
    }
    levels.push_back({path, std::move(entries)});
    return true;
  };

  ASSIGN_OR_RETURN(const Entry entry, tree.Stat(start));
  ASSIGN_OR_RETURN(bool go_on, visit(std::string(start), entry));
  while (go_on && !levels.empty()) {
    Level& level = levels.back();
    if (level.next == level.entries.size()) {
      levels.pop_back();
      continue;
    }
    const Entry child = std::move(level.entries[level.next++]);
    const std::string path =
        level.path.empty() ? child.name : absl::StrCat(level.path, "/", child.name);
    ASSIGN_OR_RETURN(go_on, visit(path, child));
  }
  return absl::OkStatus();
}

}  // namespace sluice::fs
