// RootedPath: the only way in which our code writes to disk.
//
// Every path is a clean path (common/fs/clean_path.h) below a root that is fixed at the start. No
// link is followed on the way, so nothing outside can be touched, whatever stands in the directory.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/disk/handle.h"
#include "common/fs/tree.h"

namespace sluice::disk {

// How the names of files and links begin that are being made beside their place. One that nobody
// is making any more is what a process left that was killed.
inline constexpr char kUnfinishedPrefix[] = ".new-";

// A file that is being written beside its place and put there when it is complete. Not thread-safe.
class FileWriter {
 public:
  FileWriter(FileWriter&& other) noexcept = default;
  FileWriter& operator=(FileWriter&&) = delete;
  // Removes what was written unless Commit() succeeded.
  ~FileWriter();

  absl::Status Write(absl::string_view bytes);
  // Puts the file in its place, over a file or link that is there. Call once, last.
  absl::Status Commit();
  // The same under another name, which is one element, in the same directory.
  absl::Status CommitAs(absl::string_view name);

 private:
  friend class RootedPath;
  FileWriter(Place place, Handle file, std::string temporary)
      : place_(std::move(place)), file_(std::move(file)), temporary_(std::move(temporary)) {}

  Place place_;            // where the file goes
  Handle file_;            // not open once Commit() was called
  std::string temporary_;  // its name until it is in its place, then empty
};

// One entry of a directory as RootedPath lists it.
struct DiskEntry {
  std::string name;
  enum class Type : uint8_t { kFile, kDirectory, kSymlink, kOther } type = Type::kOther;
  uint64_t size = 0;  // of files, bytes
  absl::Time modified;
};

// Thread-safe, as far as the file system is: what two threads do at one path at once is in their
// own care. Errors are those of the system in Go's words, with canonical codes; a file or link in
// the place of a directory is kFailedPrecondition, a path that is not clean kInvalidArgument.
class RootedPath {
 public:
  // Below the existing directory `directory`, an ordinary path of the system.
  static absl::StatusOr<RootedPath> Open(absl::string_view directory);

  RootedPath(RootedPath&&) noexcept = default;
  RootedPath& operator=(RootedPath&&) noexcept = default;

  // False only for one that was moved from.
  bool open() const { return root_.open(); }

  // The root as it was given, and the path of the system to `path`. For messages and the targets of
  // links, not for opening files.
  const std::string& directory() const { return directory_; }
  std::string PathTo(absl::string_view path) const;

  // Creates `path` and what is missing above it, with exactly these permissions; what is there
  // already stays as it is. kInvalidArgument for more than fs::kMaxDepth elements.
  absl::Status CreateDirectories(absl::string_view path, uint32_t mode = 0700) const;

  // Begins to write the file `path`, in a directory that must exist. The temporary file's name
  // begins with the final one's.
  absl::StatusOr<FileWriter> Create(absl::string_view path, uint32_t mode = 0600) const;
  // All of it at once: afterwards the file has this content, or after an error the one before.
  absl::Status WriteFile(absl::string_view path, absl::string_view content,
                         uint32_t mode = 0600) const;
  // Writes over whatever file is there, which after an error may be incomplete: for directories
  // that nobody else looks into, as when an archive is unpacked. The content is what `next` returns
  // until it returns "".
  using NextPiece = absl::FunctionRef<absl::StatusOr<absl::string_view>()>;
  absl::Status Overwrite(absl::string_view path, uint32_t mode, NextPiece next) const;

  // Makes `path` a link to `target`, whatever that is, over a file or link that is there.
  absl::Status Link(absl::string_view path, absl::string_view target) const;

  // The content of a regular file; kResourceExhausted if it is larger than `limit`.
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = fs::kDefaultReadLimit) const;
  // Opens a regular file for reading, for those who need more than its content.
  absl::StatusOr<Handle> OpenForReading(absl::string_view path) const;
  // The target of a link, as it is written.
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const;
  absl::StatusOr<DiskEntry> Stat(absl::string_view path) const;
  // The entries of a directory, sorted by name.
  absl::StatusOr<std::vector<DiskEntry>> List(absl::string_view path) const;

  // Removes a file, link or empty directory. kNotFound if there is nothing.
  absl::Status Remove(absl::string_view path) const;
  // Removes `path` and everything below it; "" empties the root. What is missing already is no
  // error. Directories that forbid it are made writable first.
  absl::Status RemoveTree(absl::string_view path) const;

 private:
  RootedPath(std::string directory, Handle root)
      : directory_(std::move(directory)), root_(std::move(root)) {}

  std::string directory_;
  Handle root_;
};

}  // namespace sluice::disk
