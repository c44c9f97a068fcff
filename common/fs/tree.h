// Tree: a read-only file tree that an engine reads from, whatever holds it: memory (memory_tree.h),
// a directory (common/disk), a tarball (common/archive) or a Git tree (common/git).
//
// Paths are relative to the tree's root, separated by "/", already clean (clean_path.h): no empty,
// "." or ".." element and no leading or trailing slash. The root is "". Nothing outside the root
// can be named, and no implementation follows a link by itself.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::fs {

enum class EntryType : uint8_t { kFile, kDirectory, kSymlink };

struct Entry {
  std::string name;  // the last path element; "" for the root
  EntryType type = EntryType::kFile;
  bool executable = false;  // files: any execute bit
  uint64_t size = 0;        // files: bytes
};

// The most that Read() returns when the caller does not say.
inline constexpr size_t kDefaultReadLimit = size_t{64} << 20;

// Implementations are safe for concurrent reading.
class Tree {
 public:
  virtual ~Tree() = default;

  // What is at `path`; a link is reported as a link. kNotFound, worded
  // "stat <path>: no such file or directory", if nothing is.
  virtual absl::StatusOr<Entry> Stat(absl::string_view path) const = 0;

  // The entries of the directory `path`, sorted by name (bytes). kNotFound, or kFailedPrecondition
  // if it is no directory.
  virtual absl::StatusOr<std::vector<Entry>> List(absl::string_view path) const = 0;

  // The bytes of the file `path`. kNotFound, kFailedPrecondition if it is no file,
  // kResourceExhausted if it is larger than `limit` bytes.
  virtual absl::StatusOr<std::string> Read(absl::string_view path,
                                           size_t limit = kDefaultReadLimit) const = 0;

  // The same in pieces, in order, without a bound and without ever holding the whole file where the
  // implementation can help it. Ends with the first error of `piece`, which is returned.
  using PieceReader = absl::FunctionRef<absl::Status(absl::string_view bytes)>;
  virtual absl::Status ReadPieces(absl::string_view path, PieceReader piece) const;

  // The target of the link `path` as written. kFailedPrecondition if it is no link.
  virtual absl::StatusOr<std::string> ReadLink(absl::string_view path) const = 0;
};

}  // namespace sluice::fs
