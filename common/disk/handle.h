// An open file or directory, and the one way of this folder to get from a directory to what is
// below it: element by element, following no link.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::disk {

// Owns a file descriptor, or none.
class Handle {
 public:
  Handle() = default;
  explicit Handle(int fd) : fd_(fd) {}
  ~Handle() { Close(); }
  Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  int fd() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  void Close();

  int fd_ = -1;
};

// The error that `errno` says, as "<operation> <path>: no such file or directory". The code is the
// canonical one; "no space left" is kResourceExhausted.
absl::Status ErrnoStatus(int error, absl::string_view operation, absl::string_view path);

// The directory `path`, which is as the system takes it: links in it are followed. For roots only.
absl::StatusOr<Handle> OpenRoot(const std::string& path);

// The directory at the clean path `path` below `root`, for openat() and its like, which need not
// be readable. kNotFound if there is nothing; kFailedPrecondition if something on the way, or the
// end of it, is no directory but a file or a link. `operation` is for messages.
absl::StatusOr<Handle> OpenDirectory(int root, absl::string_view path,
                                     absl::string_view operation = "open");

// Where something is or is to be: a directory and a name in it.
struct Place {
  Handle directory;
  std::string name;  // neither "." nor ".."
};
// The place of the clean path `path`, which is not the root, below `root`. Errors as above.
absl::StatusOr<Place> Locate(int root, absl::string_view path, absl::string_view operation);

// The regular file at the clean path `path` below `root` for reading. Errors as above.
absl::StatusOr<Handle> OpenFile(int root, absl::string_view path);

// What is at the clean path `path` below `root`; a link is reported as a link.
absl::StatusOr<struct stat> StatBelow(int root, absl::string_view path);

// The names in the directory `path` below `root` but "." and "..", in byte order.
// kResourceExhausted if there are more than kMaxDirectoryEntries.
inline constexpr size_t kMaxDirectoryEntries = 1'000'000;
absl::StatusOr<std::vector<std::string>> NamesIn(int root, absl::string_view path);

// The same with what is there, links as links.
struct NamedStat {
  std::string name;
  struct stat info;
};
absl::StatusOr<std::vector<NamedStat>> EntriesIn(int root, absl::string_view path);

// The content of the regular file at `path` below `root`; kResourceExhausted if it is larger than
// `limit` bytes. What it grows by meanwhile is not read.
absl::StatusOr<std::string> ReadFileBelow(int root, absl::string_view path, size_t limit);
// The same of an open one, from where it is read next. `path` is for messages.
absl::StatusOr<std::string> ReadFile(const Handle& file, absl::string_view path, size_t limit);

// The target of the link at `path` below `root`, as it is written. kFailedPrecondition if it is
// none.
absl::StatusOr<std::string> ReadLinkBelow(int root, absl::string_view path);

// What is left of the file, up to `size` bytes: fewer only at its end. Tries again when a signal
// interrupts. `path` is for messages.
absl::StatusOr<size_t> ReadSome(int fd, char* buffer, size_t size, absl::string_view path);
// All of `bytes`.
absl::Status WriteAll(int fd, absl::string_view bytes, absl::string_view path);
// Ends a file that was written to. Some file systems (NFS, quotas) only say now that there was no
// room for it.
absl::Status CloseWritten(Handle file, absl::string_view path);

// Sets the permissions of what `fd` is open on, be it only as a path.
absl::Status SetMode(int fd, uint32_t mode, absl::string_view path);

}  // namespace sluice::disk
