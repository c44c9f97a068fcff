// SPDX-License-Identifier: Apache-2.0
#include "common/disk/disk_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/tree_errors.h"

namespace sluice::disk {
namespace {

constexpr size_t kPieceBytes = 64 * 1024;

// Nothing for what a Tree has no type for.
std::optional<fs::Entry> Describe(absl::string_view name, const struct stat& info) {
  fs::Entry entry = {.name = std::string(name)};
  if (S_ISREG(info.st_mode)) {
    entry.type = fs::EntryType::kFile;
    entry.executable = (info.st_mode & 0111) != 0;
    entry.size = static_cast<uint64_t>(info.st_size);
  } else if (S_ISDIR(info.st_mode)) {
    entry.type = fs::EntryType::kDirectory;
  } else if (S_ISLNK(info.st_mode)) {
    entry.type = fs::EntryType::kSymlink;
  } else {
    return std::nullopt;
  }
  return entry;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DiskTree>> DiskTree::Open(absl::string_view path) {
  ASSIGN_OR_RETURN(Handle root, OpenRoot(std::string(path)));
  return std::unique_ptr<DiskTree>(new DiskTree(std::move(root)));
}

absl::Status DiskTree::AsTreeError(const absl::Status& status, absl::string_view operation,
                                   absl::string_view path) const {
  const bool behind =
      absl::IsFailedPrecondition(status) && !StatBelow(root_.fd(), path).status().ok();
  return behind ? fs::NoSuchEntry(operation, path) : status;
}

absl::StatusOr<fs::Entry> DiskTree::Stat(absl::string_view path) const {
  const absl::StatusOr<struct stat> info = StatBelow(root_.fd(), path);
  if (!info.ok()) return AsTreeError(info.status(), "stat", path);
  std::optional<fs::Entry> entry = Describe(fs::BaseName(path), *info);
  if (!entry.has_value()) return fs::NotAFile("stat", path);
  return *std::move(entry);
}

absl::StatusOr<std::vector<fs::Entry>> DiskTree::List(absl::string_view path) const {
  const absl::StatusOr<std::vector<NamedStat>> found = EntriesIn(root_.fd(), path);
  if (!found.ok()) return AsTreeError(found.status(), "open", path);
  std::vector<fs::Entry> entries;
  entries.reserve(found->size());
  for (const NamedStat& entry : *found) {
    if (auto described = Describe(entry.name, entry.info); described.has_value()) {
      entries.push_back(*std::move(described));
    }
  }
  return entries;
}

absl::StatusOr<std::string> DiskTree::Read(absl::string_view path, size_t limit) const {
  absl::StatusOr<std::string> content = ReadFileBelow(root_.fd(), path, limit);
  if (!content.ok()) return AsTreeError(content.status(), "open", path);
  return content;
}

absl::Status DiskTree::ReadPieces(absl::string_view path, PieceReader piece) const {
  const absl::StatusOr<Handle> file = OpenFile(root_.fd(), path);
  if (!file.ok()) return AsTreeError(file.status(), "open", path);
  std::string buffer(kPieceBytes, '\0');
  while (true) {
    ASSIGN_OR_RETURN(const size_t count, ReadSome(file->fd(), buffer.data(), buffer.size(), path));
    if (count == 0) return absl::OkStatus();
    RETURN_IF_ERROR(piece(absl::string_view(buffer.data(), count)));
  }
}

absl::StatusOr<std::string> DiskTree::ReadLink(absl::string_view path) const {
  if (path.empty()) return fs::NotALink("readlink", path);
  absl::StatusOr<std::string> target = ReadLinkBelow(root_.fd(), path);
  if (!target.ok()) return AsTreeError(target.status(), "readlink", path);
  return target;
}

}  // namespace sluice::disk
