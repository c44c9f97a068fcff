// Subtree: a directory of a Tree as a Tree of its own, whose root cannot be left.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/tree.h"

namespace sluice::fs {

// Errors name paths as the outer tree does. As safe for concurrent reading as the outer tree.
class Subtree : public Tree {
 public:
  // What is below the directory `path` of `tree`, which must outlive the result. The errors of
  // Stat() if there is nothing, kInvalidArgument for a path that is not clean, kFailedPrecondition
  // if it is no directory.
  static absl::StatusOr<Subtree> Create(const Tree& tree, absl::string_view path);

  absl::StatusOr<Entry> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<Entry>> List(absl::string_view path) const override;
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = kDefaultReadLimit) const override;
  absl::Status ReadPieces(absl::string_view path, PieceReader piece) const override;
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const override;

 private:
  Subtree(const Tree& tree, absl::string_view path) : tree_(&tree), path_(path) {}

  absl::StatusOr<std::string> Outer(absl::string_view path) const;

  const Tree* tree_;  // never null
  std::string path_;
};

}  // namespace sluice::fs
