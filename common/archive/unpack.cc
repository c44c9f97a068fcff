// SPDX-License-Identifier: Apache-2.0
#include "common/archive/unpack.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

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
absl::StatusOr<std::string> PathOf(absl::string_view name, const UnpackOptions& options) {
  const absl::Status refused =
      absl::InvalidArgumentError(absl::StrCat("tar contained invalid name error ", Shown(name)));
  if (name.empty() || name[0] == '/' || absl::StrContains(name, '\\') ||
      absl::StrContains(name, "../")) {
    return refused;
  }
  absl::StatusOr<std::string> path = fs::CleanPath(name);
  if (!path.ok()) return refused;
  const auto slashes = static_cast<size_t>(std::count(path->begin(), path->end(), '/'));
  if (slashes + 1 > options.max_depth) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "tar entry ", Shown(name), " is nested more than ", options.max_depth, " levels deep"));
  }
  return path;
}

}  // namespace

absl::Status Unpack(ByteSource& compressed, const UnpackOptions& options, UnpackTarget& target) {
  GunzipSource gunzip(compressed);
  TarReader tar(gunzip, options.max_bytes);
  std::array<char, 64 * 1024> buffer;
  const auto read = [&]() -> absl::StatusOr<absl::string_view> {
    ASSIGN_OR_RETURN(const size_t count, tar.Read(buffer));
    return absl::string_view(buffer.data(), count);
  };

  for (size_t entries = 1;; ++entries) {
    ASSIGN_OR_RETURN(const std::optional<TarEntry> entry, tar.Next());
    if (!entry.has_value()) return absl::OkStatus();
    if (entries > options.max_entries) {
      return absl::ResourceExhaustedError(
          absl::StrCat("tar has more than ", options.max_entries, " entries"));
    }
    ASSIGN_OR_RETURN(const std::string path, PathOf(entry->name, options));
    switch (entry->type) {
      case TarEntry::Type::kFile:
      case TarEntry::Type::kHardLink:
        if (entry->size > options.max_file_bytes) {
          return absl::ResourceExhaustedError(absl::StrCat("tar file entry ", Shown(entry->name),
                                                           " is larger than the limit of ",
                                                           options.max_file_bytes, " bytes"));
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
        if (options.symlinks == Symlinks::kSkip) break;
        return absl::InvalidArgumentError(
            absl::StrCat("tar file entry ", Shown(entry->name),
                         " is a symlink, which is not allowed in this context"));
      case TarEntry::Type::kOther:
        return absl::InvalidArgumentError(absl::StrCat("tar file entry ", Shown(entry->name),
                                                       " contained unsupported file type"));
    }
  }
}

}  // namespace sluice::archive
