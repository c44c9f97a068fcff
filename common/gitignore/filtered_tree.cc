// SPDX-License-Identifier: Apache-2.0
#include "common/gitignore/filtered_tree.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::gitignore {

// Rules see to directories above by themselves; only the last element may be a file.
absl::Status FilteredTree::Check(absl::string_view path) const {
  ASSIGN_OR_RETURN(const fs::Entry entry, tree_.Stat(path));
  if (!rules_.Ignores(path, entry.type == fs::EntryType::kDirectory)) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("stat ", path, ": no such file or directory"));
}

absl::StatusOr<fs::Entry> FilteredTree::Stat(absl::string_view path) const {
  RETURN_IF_ERROR(Check(path));
  return tree_.Stat(path);
}

absl::StatusOr<std::vector<fs::Entry>> FilteredTree::List(absl::string_view path) const {
  RETURN_IF_ERROR(Check(path));
  ASSIGN_OR_RETURN(std::vector<fs::Entry> entries, tree_.List(path));
  std::erase_if(entries, [&](const fs::Entry& entry) {
    return rules_.Ignores(path.empty() ? entry.name : absl::StrCat(path, "/", entry.name),
                          entry.type == fs::EntryType::kDirectory);
  });
  return entries;
}

absl::StatusOr<std::string> FilteredTree::Read(absl::string_view path, size_t limit) const {
  RETURN_IF_ERROR(Check(path));
  return tree_.Read(path, limit);
}

absl::StatusOr<std::string> FilteredTree::ReadLink(absl::string_view path) const {
  RETURN_IF_ERROR(Check(path));
  return tree_.ReadLink(path);
}

}  // namespace sluice::gitignore
