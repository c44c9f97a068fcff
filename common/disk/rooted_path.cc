// SPDX-License-Identifier: Apache-2.0
#include "common/disk/rooted_path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/tree_errors.h"

namespace sluice::disk {
namespace {

// Calls `create` with hidden names beside `name` until one is free; returns it. `create` returns 0
// or an errno, EEXIST to try another name. Hidden, because what a crash leaves half written must
// not be served, and can be told by its name (kUnfinishedPrefix).
absl::StatusOr<std::string> WithFreeName(absl::string_view name, absl::string_view path,
                                         absl::FunctionRef<int(const std::string&)> create) {
  constexpr int kAttempts = 100;
  constexpr size_t kLongestName = 255;
  constexpr size_t kAdded = 22;  // by the format below
  absl::BitGen random;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::string candidate =
        absl::StrFormat("%s%s.%016x", kUnfinishedPrefix,
                        name.substr(0, std::min(name.size(), kLongestName - kAdded)),
                        absl::Uniform<uint64_t>(random));
    const int error = create(candidate);
    if (error == 0) return candidate;
    if (error != EEXIST) return ErrnoStatus(error, "create", path);
  }
  return ErrnoStatus(EEXIST, "create", path);
}

DiskEntry Describe(absl::string_view name, const struct stat& info) {
  DiskEntry entry = {.name = std::string(name)};
  if (S_ISREG(info.st_mode)) {
    entry.type = DiskEntry::Type::kFile;
    entry.size = static_cast<uint64_t>(info.st_size);
  } else if (S_ISDIR(info.st_mode)) {
    entry.type = DiskEntry::Type::kDirectory;
  } else if (S_ISLNK(info.st_mode)) {
    entry.type = DiskEntry::Type::kSymlink;
  }
  entry.modified = absl::TimeFromTimespec(info.st_mtim);
  return entry;
}

// Removes `name` in `directory` and, if it is a directory, what is in it. The depth is that of
// what was created under our limit.
absl::Status RemoveIn(int directory, const std::string& name) {
  if (unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return absl::OkStatus();
  // Linux says EISDIR for a directory, POSIX would have EPERM.
  if (errno != EISDIR && errno != EPERM) return ErrnoStatus(errno, "remove", name);
  const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const Handle inner(openat(directory, name.c_str(), flags));
  if (!inner.open()) {
    return errno == ENOENT ? absl::OkStatus() : ErrnoStatus(errno, "remove", name);
  }
  absl::StatusOr<std::vector<std::string>> names = NamesIn(inner.fd(), "");
  if (absl::IsPermissionDenied(names.status())) {
    RETURN_IF_ERROR(SetMode(inner.fd(), 0700, name));
    names = NamesIn(inner.fd(), "");
  }
  RETURN_IF_ERROR(names.status());
  for (const std::string& entry : *names) {
    absl::Status status = RemoveIn(inner.fd(), entry);
    if (absl::IsPermissionDenied(status) && SetMode(inner.fd(), 0700, name).ok()) {
      status = RemoveIn(inner.fd(), entry);
    }
    RETURN_IF_ERROR(status);
  }
  if (unlinkat(directory, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
    return ErrnoStatus(errno, "remove", name);
  }
  return absl::OkStatus();
}

}  // namespace

FileWriter::~FileWriter() {
  if (place_.directory.open() && !temporary_.empty()) {
    unlinkat(place_.directory.fd(), temporary_.c_str(), 0);
  }
}

absl::Status FileWriter::Write(absl::string_view bytes) {
  return WriteAll(file_.fd(), bytes, place_.name);
}

absl::Status FileWriter::Commit() {
  RETURN_IF_ERROR(CloseWritten(std::move(file_), place_.name));
  const int directory = place_.directory.fd();
  if (renameat(directory, temporary_.c_str(), directory, place_.name.c_str()) != 0) {
    return ErrnoStatus(errno, "rename", place_.name);
  }
  temporary_.clear();
  return absl::OkStatus();
}

absl::Status FileWriter::CommitAs(absl::string_view name) {
  RETURN_IF_ERROR(fs::CheckCleanPath(name));
  if (name.empty() || name.find('/') != absl::string_view::npos) {
    return absl::InvalidArgumentError("the name of a file is one element of a path");
  }
  place_.name = std::string(name);
  return Commit();
}

absl::StatusOr<RootedPath> RootedPath::Open(absl::string_view directory) {
  ASSIGN_OR_RETURN(Handle root, OpenRoot(std::string(directory)));
  return RootedPath(std::string(directory), std::move(root));
}

std::string RootedPath::PathTo(absl::string_view path) const {
  return path.empty() ? directory_ : absl::StrCat(directory_, "/", path);
}

absl::Status RootedPath::CreateDirectories(absl::string_view path, uint32_t mode) const {
  RETURN_IF_ERROR(fs::CheckCleanPath(path));
  if (path.empty()) return absl::OkStatus();
  const std::vector<std::string> names = absl::StrSplit(path, '/');
  if (names.size() > fs::kMaxDepth) {
    return absl::InvalidArgumentError(
        absl::StrCat("mkdir ", path, ": more than ", fs::kMaxDepth, " directories deep"));
  }
  ASSIGN_OR_RETURN(Handle at, OpenDirectory(root_.fd(), ""));
  for (const std::string& name : names) {
    const bool created = mkdirat(at.fd(), name.c_str(), mode) == 0;
    if (!created && errno != EEXIST) return ErrnoStatus(errno, "mkdir", path);
    Handle next(openat(at.fd(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next.open()) {
      return errno == ENOTDIR ? fs::NotADirectory("mkdir", path)
                              : ErrnoStatus(errno, "mkdir", path);
    }
    at = std::move(next);
    // The umask may have taken permissions away.
    if (created) RETURN_IF_ERROR(SetMode(at.fd(), mode, path));
  }
  return absl::OkStatus();
}

absl::StatusOr<FileWriter> RootedPath::Create(absl::string_view path, uint32_t mode) const {
  ASSIGN_OR_RETURN(Place place, Locate(root_.fd(), path, "create"));
  Handle file;
  ASSIGN_OR_RETURN(std::string temporary,
                   WithFreeName(place.name, path, [&](const std::string& candidate) {
                     file = Handle(openat(place.directory.fd(), candidate.c_str(),
                                          O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
                     return file.open() ? 0 : errno;
                   }));
  FileWriter writer(std::move(place), std::move(file), std::move(temporary));
  if (fchmod(writer.file_.fd(), mode) != 0) return ErrnoStatus(errno, "chmod", path);
  return writer;
}

absl::Status RootedPath::WriteFile(absl::string_view path, absl::string_view content,
                                   uint32_t mode) const {
  ASSIGN_OR_RETURN(FileWriter writer, Create(path, mode));
  RETURN_IF_ERROR(writer.Write(content));
  return writer.Commit();
}

absl::Status RootedPath::Overwrite(absl::string_view path, uint32_t mode, NextPiece next) const {
  ASSIGN_OR_RETURN(const Place place, Locate(root_.fd(), path, "open"));
  Handle file(openat(place.directory.fd(), place.name.c_str(),
                     O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode));
  if (!file.open()) {
    return errno == ELOOP || errno == ENXIO || errno == EISDIR ? fs::NotAFile("open", path)
                                                               : ErrnoStatus(errno, "open", path);
  }
  if (fchmod(file.fd(), mode) != 0) return ErrnoStatus(errno, "chmod", path);
  while (true) {
    ASSIGN_OR_RETURN(const absl::string_view piece, next());
    if (piece.empty()) return CloseWritten(std::move(file), path);
    RETURN_IF_ERROR(WriteAll(file.fd(), piece, path));
  }
}

absl::Status RootedPath::Link(absl::string_view path, absl::string_view target) const {
  ASSIGN_OR_RETURN(const Place place, Locate(root_.fd(), path, "symlink"));
  const int directory = place.directory.fd();
  const std::string target_text(target);
  ASSIGN_OR_RETURN(
      const std::string temporary,
      WithFreeName(place.name, path, [&](const std::string& candidate) {
        return symlinkat(target_text.c_str(), directory, candidate.c_str()) == 0 ? 0 : errno;
      }));
  if (renameat(directory, temporary.c_str(), directory, place.name.c_str()) != 0) {
    const int error = errno;
    unlinkat(directory, temporary.c_str(), 0);
    return ErrnoStatus(error, "rename", path);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> RootedPath::Read(absl::string_view path, size_t limit) const {
  return ReadFileBelow(root_.fd(), path, limit);
}

absl::StatusOr<Handle> RootedPath::OpenForReading(absl::string_view path) const {
  return OpenFile(root_.fd(), path);
}

absl::StatusOr<std::string> RootedPath::ReadLink(absl::string_view path) const {
  return ReadLinkBelow(root_.fd(), path);
}

absl::StatusOr<DiskEntry> RootedPath::Stat(absl::string_view path) const {
  ASSIGN_OR_RETURN(const struct stat info, StatBelow(root_.fd(), path));
  return Describe(fs::BaseName(path), info);
}

absl::StatusOr<std::vector<DiskEntry>> RootedPath::List(absl::string_view path) const {
  ASSIGN_OR_RETURN(const std::vector<NamedStat> found, EntriesIn(root_.fd(), path));
  std::vector<DiskEntry> entries;
  entries.reserve(found.size());
  for (const NamedStat& entry : found) entries.push_back(Describe(entry.name, entry.info));
  return entries;
}

absl::Status RootedPath::Remove(absl::string_view path) const {
  ASSIGN_OR_RETURN(const Place place, Locate(root_.fd(), path, "remove"));
  const int directory = place.directory.fd();
  if (unlinkat(directory, place.name.c_str(), 0) == 0) return absl::OkStatus();
  if (errno == EISDIR && unlinkat(directory, place.name.c_str(), AT_REMOVEDIR) == 0) {
    return absl::OkStatus();
  }
  return ErrnoStatus(errno, "remove", path);
}

absl::Status RootedPath::RemoveTree(absl::string_view path) const {
  if (path.empty()) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(root_.fd(), ""));
    for (const std::string& name : names) RETURN_IF_ERROR(RemoveIn(root_.fd(), name));
    return absl::OkStatus();
  }
  const absl::StatusOr<Place> place = Locate(root_.fd(), path, "remove");
  if (absl::IsNotFound(place.status())) return absl::OkStatus();
  RETURN_IF_ERROR(place.status());
  return RemoveIn(place->directory.fd(), place->name);
}

}  // namespace sluice::disk
