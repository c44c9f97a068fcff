// SPDX-License-Identifier: Apache-2.0
#include "common/archive/tar_tree.h"

#include <algorithm>

#include "common/base/status_macros.h"

namespace sluice::archive {
namespace {

struct MemoryTarget : UnpackTarget {
  fs::MemoryTree files;
  uint64_t content_size = 0;

  absl::Status AddDirectory(absl::string_view path, uint32_t /*mode*/) override {
    return files.AddDirectory(path);
  }

  absl::Status AddFile(absl::string_view path, uint32_t mode, uint64_t size, Reader read) override {
    std::string content;
    // A header may promise more than comes.
    content.reserve(static_cast<size_t>(std::min<uint64_t>(size, 1 << 20)));
    while (true) {
      ASSIGN_OR_RETURN(const absl::string_view piece, read());
      if (piece.empty()) break;
      content.append(piece.data(), piece.size());
    }
    content_size += content.size();
    return files.AddFile(path, std::move(content), (mode & 0111) != 0);
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<TarTree>> TarTree::Open(absl::string_view compressed,
                                                       const UnpackOptions& options) {
  MemorySource source(compressed);
  MemoryTarget target;
  RETURN_IF_ERROR(Unpack(source, options, target));
  return std::unique_ptr<TarTree>(new TarTree(std::move(target.files), target.content_size));
}

absl::StatusOr<fs::Entry> TarTree::Stat(absl::string_view path) const { return files_.Stat(path); }

absl::StatusOr<std::vector<fs::Entry>> TarTree::List(absl::string_view path) const {
  return files_.List(path);
}

absl::StatusOr<std::string> TarTree::Read(absl::string_view path, size_t limit) const {
  return files_.Read(path, limit);
}

absl::Status TarTree::ReadPieces(absl::string_view path, PieceReader piece) const {
  return files_.ReadPieces(path, piece);
}

absl::StatusOr<std::string> TarTree::ReadLink(absl::string_view path) const {
  return files_.ReadLink(path);
}

}  // namespace sluice::archive
