// SPDX-License-Identifier: Apache-2.0
#include "common/disk/handle.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/tree_errors.h"

namespace sluice::disk {
namespace {

// O_PATH needs no permission to read the directory.
constexpr int kStep = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// The directory at `path`, which is clean; messages say `operation` and `shown`.
absl::StatusOr<Handle> Descend(int root, absl::string_view path, absl::string_view operation,
                               absl::string_view shown) {
  Handle at(openat(root, ".", kStep));
  if (!at.open()) return ErrnoStatus(errno, operation, shown);
  if (path.empty()) return at;
  for (const absl::string_view name : absl::StrSplit(path, '/')) {
    Handle next(openat(at.fd(), std::string(name).c_str(), kStep));
    if (!next.open()) {
      // With these flags a link is ENOTDIR too.
      return errno == ENOTDIR ? fs::NotADirectory(operation, shown)
                              : ErrnoStatus(errno, operation, shown);
    }
    at = std::move(next);
  }
  return at;
}

}  // namespace

void Handle::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

absl::Status ErrnoStatus(int error, absl::string_view operation, absl::string_view path) {
  std::string reason = std::strerror(error);
  if (!reason.empty()) reason[0] = absl::ascii_tolower(reason[0]);  // as Go has it
  return absl::Status(absl::ErrnoToStatusCode(error),
                      absl::StrCat(operation, " ", path.empty() ? "." : path, ": ", reason));
}

absl::StatusOr<Handle> OpenRoot(const std::string& path) {
  Handle root(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.open()) return ErrnoStatus(errno, "open", path);
  return root;
}

absl::StatusOr<Handle> OpenDirectory(int root, absl::string_view path,
                                     absl::string_view operation) {
  RETURN_IF_ERROR(fs::CheckCleanPath(path));
  return Descend(root, path, operation, path);
}

absl::StatusOr<Place> Locate(int root, absl::string_view path, absl::string_view operation) {
  RETURN_IF_ERROR(fs::CheckCleanPath(path));
  if (path.empty()) return fs::NotAFile(operation, path);
  ASSIGN_OR_RETURN(Handle directory, Descend(root, fs::ParentPath(path), operation, path));
  return Place{std::move(directory), std::string(fs::BaseName(path))};
}

absl::StatusOr<Handle> OpenFile(int root, absl::string_view path) {
  ASSIGN_OR_RETURN(const Place place, Locate(root, path, "open"));
  // O_NONBLOCK: opening a FIFO must not wait for its other end.
  Handle file(openat(place.directory.fd(), place.name.c_str(),
                     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.open() && (errno == ELOOP || errno == ENXIO)) return fs::NotAFile("open", path);
  if (!file.open()) return ErrnoStatus(errno, "open", path);
  struct stat info;
  if (fstat(file.fd(), &info) != 0) return ErrnoStatus(errno, "stat", path);
  if (!S_ISREG(info.st_mode)) return fs::NotAFile("open", path);
  return file;
}

absl::StatusOr<struct stat> StatBelow(int root, absl::string_view path) {
  struct stat info;
  if (path.empty()) {
    if (fstat(root, &info) != 0) return ErrnoStatus(errno, "stat", path);
    return info;
  }
  ASSIGN_OR_RETURN(const Place place, Locate(root, path, "stat"));
  if (fstatat(place.directory.fd(), place.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return ErrnoStatus(errno, "stat", path);
  }
  return info;
}

absl::StatusOr<std::vector<std::string>> NamesIn(int root, absl::string_view path) {
  ASSIGN_OR_RETURN(const Handle directory, OpenDirectory(root, path));
  Handle readable(openat(directory.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable.open()) return ErrnoStatus(errno, "open", path);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(readable.fd()), closedir);
  if (stream == nullptr) return ErrnoStatus(errno, "open", path);
  readable.Release();

  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(stream.get())) {
    const absl::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == kMaxDirectoryEntries) {
      return absl::ResourceExhaustedError(
          absl::StrCat("open ", path, ": more than ", kMaxDirectoryEntries, " entries"));
    }
    names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return ErrnoStatus(errno, "readdir", path);
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::vector<NamedStat>> EntriesIn(int root, absl::string_view path) {
  ASSIGN_OR_RETURN(std::vector<std::string> names, NamesIn(root, path));
  ASSIGN_OR_RETURN(const Handle directory, OpenDirectory(root, path));
  std::vector<NamedStat> entries;
  entries.reserve(names.size());
  for (std::string& name : names) {
    struct stat info;
    if (fstatat(directory.fd(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;  // gone meanwhile
      return ErrnoStatus(errno, "stat", absl::StrCat(path, "/", name));
    }
    entries.push_back({std::move(name), info});
  }
  return entries;
}

absl::StatusOr<std::string> ReadLinkBelow(int root, absl::string_view path) {
  ASSIGN_OR_RETURN(const Place place, Locate(root, path, "readlink"));
  std::string target(fs::kMaxPathBytes + 1, '\0');
  const ssize_t size =
      readlinkat(place.directory.fd(), place.name.c_str(), target.data(), target.size());
  if (size < 0) {
    return errno == EINVAL ? fs::NotALink("readlink", path) : ErrnoStatus(errno, "readlink", path);
  }
  target.resize(static_cast<size_t>(size));
  return target;
}

absl::StatusOr<std::string> ReadFileBelow(int root, absl::string_view path, size_t limit) {
  ASSIGN_OR_RETURN(const Handle file, OpenFile(root, path));
  return ReadFile(file, path, limit);
}

absl::StatusOr<std::string> ReadFile(const Handle& file, absl::string_view path, size_t limit) {
  struct stat info;
  if (fstat(file.fd(), &info) != 0) return ErrnoStatus(errno, "stat", path);
  const auto size = static_cast<size_t>(info.st_size);
  if (size > limit) return fs::FileTooLarge(path, limit);
  std::string content(size, '\0');
  ASSIGN_OR_RETURN(const size_t count, ReadSome(file.fd(), content.data(), size, path));
  content.resize(count);
  return content;
}

absl::StatusOr<size_t> ReadSome(int fd, char* buffer, size_t size, absl::string_view path) {
  size_t filled = 0;
  while (filled < size) {
    const ssize_t count = read(fd, buffer + filled, size - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoStatus(errno, "read", path);
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  return filled;
}

absl::Status WriteAll(int fd, absl::string_view bytes, absl::string_view path) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoStatus(errno, "write", path);
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return absl::OkStatus();
}

absl::Status CloseWritten(Handle file, absl::string_view path) {
  if (close(file.Release()) != 0 && errno != EINTR) return ErrnoStatus(errno, "close", path);
  return absl::OkStatus();
}

absl::Status SetMode(int fd, uint32_t mode, absl::string_view path) {
  // fchmod() refuses descriptors that were opened with O_PATH; their links in /proc do not.
  if (chmod(absl::StrCat("/proc/self/fd/", fd).c_str(), mode) != 0) {
    return ErrnoStatus(errno, "chmod", path);
  }
  return absl::OkStatus();
}

}  // namespace sluice::disk
