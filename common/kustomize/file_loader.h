// What a kustomization may read: files and folders of the tree, seen from its own folder.
//
// Links are followed as long as they stay inside the tree. Every path that was looked at, found or
// not, is noted: the result depends on it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/tree.h"
#include "common/kustomize/build.h"

namespace sluice::kustomize {

// Reads the tree for one build and keeps its accounts. Not thread-safe.
class TreeReader {
 public:
  TreeReader(const fs::Tree& tree, const BuildOptions& options)
      : tree_(tree),
        options_(options),
        root_(options.tree_root == "/" ? absl::string_view() : options.tree_root) {}

  struct Place {
    std::string path;  // clean, links resolved
    bool is_directory = false;
  };
  // What `path` (relative to the tree's root, not clean) names. kNotFound, or kPermissionDenied if
  // it leads out of the tree.
  absl::StatusOr<Place> Resolve(absl::string_view path);
  // The bytes of the file at a resolved path. kResourceExhausted beyond the limits.
  absl::StatusOr<std::string> Read(absl::string_view path);

  // `path` as messages name it.
  std::string Display(absl::string_view path) const;
  // An absolute path or link target, seen from the tree's root; kPermissionDenied if it is not
  // below where the tree stands.
  absl::StatusOr<absl::string_view> Inside(absl::string_view absolute) const;
  const BuildOptions& options() const { return options_; }
  const fs::Tree& tree() const { return tree_; }
  std::set<std::string>& inputs() { return inputs_; }

 private:
  // What the tree has at this resolved path; what is known to be a directory is not asked again.
  absl::StatusOr<fs::EntryType> TypeOf(const std::string& path);

  const fs::Tree& tree_;
  const BuildOptions& options_;
  const absl::string_view root_;  // what stands before "/path"
  std::set<std::string> inputs_;
  absl::flat_hash_set<std::string> directories_;
  size_t total_bytes_ = 0;
};

// The view from one kustomization's folder.
class FileLoader {
 public:
  // For the folder `path` that the build starts in. Errors start with "must build at directory".
  static absl::StatusOr<std::unique_ptr<FileLoader>> AtRoot(TreeReader& reader,
                                                            absl::string_view path);

  // A file named by the kustomization, relative to its folder. Restricted to that folder if the
  // options say so. URLs are refused: nothing is fetched.
  absl::StatusOr<std::string> Load(absl::string_view path) const;

  // The resolved path in the tree of a folder that is no kustomization.
  absl::StatusOr<std::string> Folder(absl::string_view path) const;

  // For another kustomization's folder, which must not be this one or one above it or above the
  // ones that led here. This loader must outlive the new one.
  absl::StatusOr<std::unique_ptr<FileLoader>> At(absl::string_view path) const;

  // The folder's resolved path, and how messages name it.
  const std::string& root() const { return root_; }
  std::string DisplayRoot() const { return reader_.Display(root_); }
  // How many kustomizations led here; 0 for the first.
  size_t depth() const { return depth_; }
  TreeReader& reader() const { return reader_; }

 private:
  FileLoader(TreeReader& reader, const FileLoader* referrer, std::string root)
      : reader_(reader),
        referrer_(referrer),
        root_(std::move(root)),
        depth_(referrer == nullptr ? 0 : referrer->depth_ + 1) {}
  static absl::StatusOr<std::unique_ptr<FileLoader>> Confirm(TreeReader& reader,
                                                             const FileLoader* referrer,
                                                             absl::string_view path);
  // `path` below this folder, or, if it is absolute, below the tree's root.
  absl::StatusOr<std::string> Join(absl::string_view path) const;

  TreeReader& reader_;
  const FileLoader* referrer_;
  std::string root_;
  size_t depth_;
};

// `path` without ".", ".." and empty steps, by the text alone; a way out of the root stays "..".
std::string CleanText(absl::string_view path);

// Whether `path` starts with http:// or https://.
bool IsRemoteFile(absl::string_view path);

}  // namespace sluice::kustomize
