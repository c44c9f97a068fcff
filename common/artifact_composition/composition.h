// Composition: a file tree put together from files of other trees, which are not copied: only
// where each comes from is kept.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/tree.h"

namespace sluice::artifact_composition {

// Safe for concurrent reading once it is built. Paths are clean.
class Composition : public fs::Tree {
 public:
  // Files and directories in one composition.
  static constexpr size_t kMaxEntries = 1'000'000;

  Composition();
  ~Composition() override;

  // Each adds one entry and the directories above it; a file replaces a file. kFailedPrecondition
  // if a file stands where a directory is needed or a directory where a file is to be,
  // kInvalidArgument for a path that is not clean or is the root (but a directory ""),
  // kResourceExhausted beyond kMaxEntries.
  absl::Status AddFile(absl::string_view path, std::shared_ptr<const fs::Tree> tree,
                       absl::string_view from);
  // A file that is there keeps its mode.
  absl::Status AddContent(absl::string_view path, std::string content);
  absl::Status AddDirectory(absl::string_view path);

  absl::StatusOr<fs::Entry> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<fs::Entry>> List(absl::string_view path) const override;
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = fs::kDefaultReadLimit) const override;
  absl::Status ReadPieces(absl::string_view path, PieceReader piece) const override;
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const override;

 private:
  struct Node;

  const Node* Find(absl::string_view path) const;
  absl::StatusOr<const Node*> FindFile(absl::string_view path) const;
  // The node at `path`, made with what is missing above it; of a new one the entry is default.
  absl::StatusOr<Node*> Place(absl::string_view path, fs::EntryType type);

  std::unique_ptr<Node> root_;
  size_t entries_ = 0;
};

}  // namespace sluice::artifact_composition
