// SPDX-License-Identifier: Apache-2.0
#include "common/git/sparse_tree.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/fs/tree_errors.h"

namespace sluice::git {
namespace {

std::string Join(absl::string_view directory, absl::string_view name) {
  return directory.empty() ? std::string(name) : absl::StrCat(directory, "/", name);
}

}  // namespace

SparseTree::SparseTree(std::shared_ptr<const fs::Tree> tree, std::vector<std::string> prefixes)
    : tree_(std::move(tree)), prefixes_(std::move(prefixes)) {
  for (std::string& prefix : prefixes_) {
    if (absl::StartsWith(prefix, "./")) prefix.erase(0, 2);
  }
}

bool SparseTree::Selects(absl::string_view file) const {
  return std::any_of(prefixes_.begin(), prefixes_.end(),
                     [file](const std::string& prefix) { return absl::StartsWith(file, prefix); });
}

absl::StatusOr<bool> SparseTree::Shows(absl::string_view path, fs::EntryType type) const {
  if (path.empty()) return true;
  if (type != fs::EntryType::kDirectory) return Selects(path);
  const std::string inside = absl::StrCat(path, "/");
  const bool on_the_way =
      std::any_of(prefixes_.begin(), prefixes_.end(), [&inside](const std::string& prefix) {
        return absl::StartsWith(prefix, inside) || absl::StartsWith(inside, prefix);
      });
  if (!on_the_way) return false;
  ASSIGN_OR_RETURN(const std::vector<fs::Entry> entries, tree_->List(path));
  if (entries.empty()) return Selects(path);  // a submodule
  for (const fs::Entry& entry : entries) {
    ASSIGN_OR_RETURN(const bool shown, Shows(Join(path, entry.name), entry.type));
    if (shown) return true;
  }
  return false;
}

absl::StatusOr<fs::Entry> SparseTree::Stat(absl::string_view path) const {
  ASSIGN_OR_RETURN(fs::Entry entry, tree_->Stat(path));
  ASSIGN_OR_RETURN(const bool shown, Shows(path, entry.type));
  if (!shown) return fs::NoSuchEntry("stat", path);
  return entry;
}

absl::StatusOr<std::vector<fs::Entry>> SparseTree::List(absl::string_view path) const {
  ASSIGN_OR_RETURN(const fs::Entry self, Stat(path));
  ASSIGN_OR_RETURN(const std::vector<fs::Entry> entries, tree_->List(path));
  std::vector<fs::Entry> result;
  for (const fs::Entry& entry : entries) {
    ASSIGN_OR_RETURN(const bool shown, Shows(Join(path, entry.name), entry.type));
    if (shown) result.push_back(entry);
  }
  return result;
}

absl::StatusOr<std::string> SparseTree::Read(absl::string_view path, size_t limit) const {
  if (!Selects(path)) return fs::NoSuchEntry("open", path);
  return tree_->Read(path, limit);
}

absl::Status SparseTree::ReadPieces(absl::string_view path, PieceReader piece) const {
  if (!Selects(path)) return fs::NoSuchEntry("open", path);
  return tree_->ReadPieces(path, piece);
}

absl::StatusOr<std::string> SparseTree::ReadLink(absl::string_view path) const {
  if (!Selects(path)) return fs::NoSuchEntry("readlink", path);
  return tree_->ReadLink(path);
}

}  // namespace sluice::git
