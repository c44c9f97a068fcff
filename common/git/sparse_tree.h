// A tree reduced to what spec.sparseCheckout selects.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/tree.h"

namespace sluice::git {

// The files and links of another tree whose paths have one of `prefixes` as a prefix of characters
// ("dir1" also selects "dir10/a": go-git 5 compares so), and the directories that lead to them. One
// leading "./" of a prefix is dropped. Thread-safe if the tree is.
class SparseTree : public fs::Tree {
 public:
  SparseTree(std::shared_ptr<const fs::Tree> tree, std::vector<std::string> prefixes);

  absl::StatusOr<fs::Entry> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<fs::Entry>> List(absl::string_view path) const override;
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = fs::kDefaultReadLimit) const override;
  absl::Status ReadPieces(absl::string_view path, PieceReader piece) const override;
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const override;

 private:
  bool Selects(absl::string_view file) const;
  // Whether anything at or below `path`, which is there, is selected.
  absl::StatusOr<bool> Shows(absl::string_view path, fs::EntryType type) const;

  const std::shared_ptr<const fs::Tree> tree_;
  std::vector<std::string> prefixes_;
};

}  // namespace sluice::git
