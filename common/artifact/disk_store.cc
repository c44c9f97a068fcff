// SPDX-License-Identifier: Apache-2.0
#include "common/artifact/disk_store.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/disk/rooted_path.h"
#include "common/fs/clean_path.h"
#include "common/fs/tree_errors.h"

namespace sluice::artifact {
namespace {

// Flux locks an artifact through a file beside it. We write aside and rename instead, but a folder
// that Flux has used holds such files.
constexpr char kLockSuffix[] = ".lock";

absl::Status UnlessMissing(const absl::Status& status) {
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

class DiskWriter : public FileWriter {
 public:
  explicit DiskWriter(disk::FileWriter writer) : writer_(std::move(writer)) {}
  absl::Status Write(const Context& ctx, absl::string_view bytes) override {
    RETURN_IF_ERROR(ctx.Check());
    return writer_.Write(bytes);
  }
  absl::Status Commit(const Context& ctx) override {
    RETURN_IF_ERROR(ctx.Check());
    return writer_.Commit();
  }

 private:
  disk::FileWriter writer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<DiskStore>> DiskStore::Open(const std::string& root, Clock& clock) {
  ASSIGN_OR_RETURN(disk::RootedPath opened, disk::RootedPath::Open(root));
  return std::unique_ptr<DiskStore>(new DiskStore(std::move(opened), clock));
}

absl::StatusOr<std::unique_ptr<FileWriter>> DiskStore::Create(const Context&,
                                                              const std::string& path) {
  RETURN_IF_ERROR(root_.CreateDirectories(fs::ParentPath(path)));
  ASSIGN_OR_RETURN(disk::FileWriter writer, root_.Create(path));
  return std::make_unique<DiskWriter>(std::move(writer));
}

absl::StatusOr<StoredFile> DiskStore::Open(const Context&, const std::string& path) {
  std::string file = path;
  auto entry = root_.Stat(file);
  if (entry.ok() && entry->type == disk::DiskEntry::Type::kSymlink) {
    // Of a target that names a directory, as Flux writes them, only the last element counts.
    ASSIGN_OR_RETURN(const std::string target, root_.ReadLink(file));
    file = absl::StrCat(fs::ParentPath(path), "/", fs::BaseName(target));
    entry = root_.Stat(file);
  }
  if (absl::IsNotFound(entry.status())) return fs::NoSuchEntry("open", path);
  RETURN_IF_ERROR(entry.status());
  ASSIGN_OR_RETURN(disk::Handle handle, root_.OpenForReading(file));
  return StoredFile{std::string(fs::BaseName(file)), std::move(handle), entry->size,
                    entry->modified};
}

absl::Status DiskStore::Link(const Context&, const std::string& path, const std::string& target) {
  // Relative, so that the folder can be moved; Flux writes the absolute path.
  return root_.Link(path, target);
}

absl::StatusOr<FileStore::Listing> DiskStore::List(const Context&, const std::string& directory,
                                                   size_t limit) {
  Listing listing = {{}, clock_.Now()};
  const auto entries = root_.List(directory);
  if (absl::IsNotFound(entries.status())) return listing;
  RETURN_IF_ERROR(entries.status());
  for (const disk::DiskEntry& entry : *entries) {
    if (listing.files.size() == limit) break;
    if (entry.type != disk::DiskEntry::Type::kFile || absl::EndsWith(entry.name, kLockSuffix) ||
        absl::StartsWith(entry.name, disk::kUnfinishedPrefix)) {
      continue;
    }
    listing.files.push_back({entry.name, entry.modified});
  }
  return listing;
}

absl::Status DiskStore::RemoveUnfinished(const Context&, const std::string& directory) {
  const auto entries = root_.List(directory);
  if (absl::IsNotFound(entries.status())) return absl::OkStatus();
  RETURN_IF_ERROR(entries.status());
  for (const disk::DiskEntry& entry : *entries) {
    if (!absl::StartsWith(entry.name, disk::kUnfinishedPrefix)) continue;
    RETURN_IF_ERROR(UnlessMissing(root_.Remove(absl::StrCat(directory, "/", entry.name))));
  }
  return absl::OkStatus();
}

absl::Status DiskStore::Remove(const Context&, const std::string& path) {
  RETURN_IF_ERROR(UnlessMissing(root_.Remove(path)));
  return UnlessMissing(root_.Remove(absl::StrCat(path, kLockSuffix)));
}

absl::StatusOr<bool> DiskStore::RemoveAll(const Context&, const std::string& directory) {
  const bool there = root_.Stat(directory).ok();
  RETURN_IF_ERROR(root_.RemoveTree(directory));
  return there;
}

}  // namespace sluice::artifact
