// MemoryTree: a Tree held in memory. What tests hand to the engines, and what a tarball is unpacked
// into when nothing needs it on disk.
//
//   const MemoryTree tree = MemoryTree::FromFiles({{"deploy/app.yaml", "kind: …"}}).value();

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/tree.h"

namespace sluice::fs {

// Safe for concurrent reading once it is built. Movable; a moved-from tree is empty.
class MemoryTree : public Tree {
 public:
  MemoryTree();
  ~MemoryTree() override;
  MemoryTree(MemoryTree&& other) noexcept;
  MemoryTree& operator=(MemoryTree&& other) noexcept;

  // A tree of these files (clean path -> bytes) and the directories above them.
  static absl::StatusOr<MemoryTree> FromFiles(const std::map<std::string, std::string>& files);

  // Each adds one entry and the directories above it. A file or link replaces a file or link of
  // that path, and adding a directory that is there changes nothing. kInvalidArgument if the path
  // is not clean, is the root (but AddDirectory("") is fine) or if a file or link stands where a
  // directory is needed, or a directory where a file or link is to be.
  absl::Status AddFile(absl::string_view path, std::string content, bool executable = false);
  // `target` is kept as it is; it need not lead anywhere.
  absl::Status AddSymlink(absl::string_view path, absl::string_view target);
  absl::Status AddDirectory(absl::string_view path);

  absl::StatusOr<Entry> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<Entry>> List(absl::string_view path) const override;
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = kDefaultReadLimit) const override;
  absl::Status ReadPieces(absl::string_view path, PieceReader piece) const override;
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const override;

 private:
  struct Node;

  const Node* Find(absl::string_view path) const;
  absl::StatusOr<const std::string*> FileContent(absl::string_view path) const;
  absl::Status Put(absl::string_view path, Node node);

  std::unique_ptr<Node> root_;
};

}  // namespace sluice::fs
