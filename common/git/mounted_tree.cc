// SPDX-License-Identifier: Apache-2.0
#include "common/git/mounted_tree.h"

#include "common/fs/tree_errors.h"

namespace sluice::git {
namespace {

// A tree that is mounted knows its own paths only.
template <typename T>
absl::StatusOr<T> Renamed(absl::StatusOr<T> result, absl::string_view operation,
                          absl::string_view path) {
  if (absl::IsNotFound(result.status())) return fs::NoSuchEntry(operation, path);
  return result;
}

}  // namespace

std::pair<const fs::Tree*, absl::string_view> MountedTree::Find(absl::string_view path) const {
  for (size_t end = path.find('/');; end = path.find('/', end + 1)) {
    const auto mount = mounts_.find(path.substr(0, end));
    if (mount != mounts_.end()) {
      return {mount->second.get(),
              end == absl::string_view::npos ? absl::string_view() : path.substr(end + 1)};
    }
    if (end == absl::string_view::npos) return {base_.get(), path};
  }
}

absl::StatusOr<fs::Entry> MountedTree::Stat(absl::string_view path) const {
  const auto [tree, inner] = Find(path);
  // The mount point is named by the tree that it is in.
  if (inner.empty()) return base_->Stat(path);
  return Renamed(tree->Stat(inner), "stat", path);
}

absl::StatusOr<std::vector<fs::Entry>> MountedTree::List(absl::string_view path) const {
  const auto [tree, inner] = Find(path);
  return Renamed(tree->List(inner), "open", path);
}

absl::StatusOr<std::string> MountedTree::Read(absl::string_view path, size_t limit) const {
  const auto [tree, inner] = Find(path);
  return Renamed(tree->Read(inner, limit), "open", path);
}

absl::Status MountedTree::ReadPieces(absl::string_view path, PieceReader piece) const {
  const auto [tree, inner] = Find(path);
  return tree->ReadPieces(inner, piece);
}

absl::StatusOr<std::string> MountedTree::ReadLink(absl::string_view path) const {
  const auto [tree, inner] = Find(path);
  return Renamed(tree->ReadLink(inner), "readlink", path);
}

}  // namespace sluice::git
