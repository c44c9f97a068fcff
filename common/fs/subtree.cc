// SPDX-License-Identifier: Apache-2.0
#include "common/fs/subtree.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/tree_errors.h"

namespace sluice::fs {

absl::StatusOr<Subtree> Subtree::Create(const Tree& tree, absl::string_view path) {
  RETURN_IF_ERROR(CheckCleanPath(path));
  ASSIGN_OR_RETURN(const Entry entry, tree.Stat(path));
  if (entry.type != EntryType::kDirectory) return NotADirectory("open", path);
  return Subtree(tree, path);
}

// Checked here too, so that no "..", whatever the outer tree makes of it, gets past this root.
absl::StatusOr<std::string> Subtree::Outer(absl::string_view path) const {
  RETURN_IF_ERROR(CheckCleanPath(path));
  if (path.empty()) return path_;
  if (path_.empty()) return std::string(path);
  return absl::StrCat(path_, "/", path);
}

absl::StatusOr<Entry> Subtree::Stat(absl::string_view path) const {
  ASSIGN_OR_RETURN(const std::string outer, Outer(path));
  ASSIGN_OR_RETURN(Entry entry, tree_->Stat(outer));
  if (path.empty()) entry.name.clear();  // the root has no name
  return entry;
}

absl::StatusOr<std::vector<Entry>> Subtree::List(absl::string_view path) const {
  ASSIGN_OR_RETURN(const std::string outer, Outer(path));
  return tree_->List(outer);
}

absl::StatusOr<std::string> Subtree::Read(absl::string_view path, size_t limit) const {
  ASSIGN_OR_RETURN(const std::string outer, Outer(path));
  return tree_->Read(outer, limit);
}

absl::Status Subtree::ReadPieces(absl::string_view path, PieceReader piece) const {
  ASSIGN_OR_RETURN(const std::string outer, Outer(path));
  return tree_->ReadPieces(outer, piece);
}

absl::StatusOr<std::string> Subtree::ReadLink(absl::string_view path) const {
  ASSIGN_OR_RETURN(const std::string outer, Outer(path));
  return tree_->ReadLink(outer);
}

}  // namespace sluice::fs
