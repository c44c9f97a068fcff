// TarTree: an artifact as a file tree, unpacked in memory.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/archive/unpack.h"
#include "common/fs/memory_tree.h"
#include "common/fs/tree.h"

namespace sluice::archive {

// Safe for concurrent reading.
class TarTree : public fs::Tree {
 public:
  // What Unpack() makes of the tar.gz bytes `compressed`, which are not needed afterwards; its
  // errors, and kInvalidArgument if a file stands where a directory is needed.
  static absl::StatusOr<std::unique_ptr<TarTree>> Open(absl::string_view compressed,
                                                       const UnpackOptions& options = {});

  // The bytes of all files together: about what the tree takes of memory.
  uint64_t content_size() const { return content_size_; }

  absl::StatusOr<fs::Entry> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<fs::Entry>> List(absl::string_view path) const override;
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = fs::kDefaultReadLimit) const override;
  absl::Status ReadPieces(absl::string_view path, PieceReader piece) const override;
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const override;

 private:
  TarTree(fs::MemoryTree files, uint64_t content_size)
      : files_(std::move(files)), content_size_(content_size) {}

  fs::MemoryTree files_;
  uint64_t content_size_;
};

}  // namespace sluice::archive
