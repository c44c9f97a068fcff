// SPDX-License-Identifier: Apache-2.0
#include "common/archive/unpack.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/archive/gzip.h"
#include "common/archive/tar_reader.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/text/quote.h"

namespace sluice::archive {
namespace {

// Names in messages are cut: a hostile archive may have long ones.
std::string Shown(absl::string_view name) { return text::Quote(name.substr(0, 256)); }

// The clean path that an entry's name stands for.
absl::StatusOr<std::string> PathOf(absl::string_view name, const UnpackLimits& limits) {
  const absl::Status refused =
      absl::InvalidArgumentError(absl::StrCat("tar contained invalid name error ", Shown(name)));
  if (name.empty() || name[0] == '/' || absl::StrContains(name, '\\') ||
      absl::StrContains(name, "../")) {
    return refused;
  }
  absl::StatusOr<std::string> path = fs::CleanPath(name);
  if (!path.ok()) return refused;
  const auto slashes = static_cast<size_t>(std::count(path->begin(), path->end(), '/'));
  if (slashes + 1 > limits.max_depth) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "tar entry ", Shown(name), " is nested more than ", limits.max_depth, " levels deep"));
  }
  return path;
}

class MemoryTarget : public UnpackTarget {
 public:
  absl::Status AddDirectory(absl::string_view path, uint32_t /*mode*/) override {
    return tree_.AddDirectory(path);
  }

  absl::Status AddFile(absl::string_view path, uint32_t mode, uint64_t size, Reader read) override {
    std::string content;
    // A header may promise more than comes.
    content.reserve(static_cast<size_t>(std::min<uint64_t>(size, 1 << 20)));
    while (true) {
      ASSIGN_OR_RETURN(const absl::string_view piece, read());
      if (piece.empty()) return tree_.AddFile(path, std::move(content), (mode & 0111) != 0);
      content.append(piece.data(), piece.size());
    }
  }

  fs::MemoryTree Take() { return std::move(tree_); }

 private:
  fs::MemoryTree tree_;
};

}  // namespace

absl::Status Unpack(ByteSource& compressed, const UnpackOptions& options, UnpackTarget& target) {
  const UnpackLimits& limits = options.limits;
  GunzipSource gunzip(compressed);
  TarReader tar(gunzip, limits.max_total_bytes);
  std::array<char, 64 * 1024> buffer;
  const auto read = [&]() -> absl::StatusOr<absl::string_view> {
    ASSIGN_OR_RETURN(const size_t count, tar.Read(buffer));
    return absl::string_view(buffer.data(), count);
  };

  for (size_t entries = 1;; ++entries) {
    ASSIGN_OR_RETURN(const std::optional<TarEntry> entry, tar.Next());
    if (!entry.has_value()) return absl::OkStatus();
    if (entries > limits.max_entries) {
      return absl::ResourceExhaustedError(
          absl::StrCat("tar has more than ", limits.max_entries, " entries"));
    }
    ASSIGN_OR_RETURN(const std::string path, PathOf(entry->name, limits));
    switch (entry->type) {
      case TarEntry::Type::kFile:
      case TarEntry::Type::kHardLink:
        if (entry->size > limits.max_file_bytes) {
          return absl::ResourceExhaustedError(absl::StrCat("tar file entry ", Shown(entry->name),
                                                           " is larger than the limit of ",
                                                           limits.max_file_bytes, " bytes"));
        }
        if (path.empty()) {
          return absl::InvalidArgumentError(
              absl::StrCat("tar contained invalid name error ", Shown(entry->name)));
        }
        RETURN_IF_ERROR(target.AddFile(path, entry->mode & 0777, entry->size, read));
        break;
      case TarEntry::Type::kDirectory:
        RETURN_IF_ERROR(target.AddDirectory(path, (entry->mode & 0777) | 0700));
        break;
      case TarEntry::Type::kSymlink:
        if (options.skip_symlinks) break;
        return absl::InvalidArgumentError(
            absl::StrCat("tar file entry ", Shown(entry->name),
                         " is a symlink, which is not allowed in this context"));
      case TarEntry::Type::kOther:
        return absl::InvalidArgumentError(absl::StrCat("tar file entry ", Shown(entry->name),
                                                       " contained unsupported file type"));
    }
  }
}

absl::StatusOr<fs::MemoryTree> TarTree(absl::string_view compressed, const UnpackOptions& options) {
  MemorySource source(compressed);
  MemoryTarget target;
  RETURN_IF_ERROR(Unpack(source, options, target));
  return target.Take();
}

}  // namespace sluice::archive
