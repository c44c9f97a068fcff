// FileStore: where Storage keeps its files. A folder of this machine (disk_store.h), or a bucket
// that replicas share (bucket_store.h).
//
// Paths are clean (common/fs/clean_path.h), at least two elements: a directory and a name. A name
// that begins with "." is none that the user of a store may choose.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/disk/handle.h"

namespace sluice::artifact {

// A file as it was when it was opened, whatever is written to its path meanwhile.
struct StoredFile {
  std::string name;  // the last element; of a link, that of the file behind it
  disk::Handle handle;
  uint64_t size = 0;  // bytes
  absl::Time modified;
};

// A file that is being written: there as a whole after Commit(), else what was there before stays.
// Not thread-safe.
class FileWriter {
 public:
  virtual ~FileWriter() = default;
  virtual absl::Status Write(const Context& ctx, absl::string_view bytes) = 0;
  // Call once, last.
  virtual absl::Status Commit(const Context& ctx) = 0;
};

// Thread-safe; what two threads write to one path at once, one of them has written.
class FileStore {
 public:
  virtual ~FileStore() = default;

  // Whether other processes write here, too. What is not known may be theirs then.
  virtual bool shared() const = 0;

  virtual absl::StatusOr<std::unique_ptr<FileWriter>> Create(const Context& ctx,
                                                             const std::string& path) = 0;
  // The file at `path`, or behind the link that is there. kNotFound if there is none; any other
  // error says nothing about the file.
  virtual absl::StatusOr<StoredFile> Open(const Context& ctx, const std::string& path) = 0;
  // Makes `path` a link to the file `target` in the same directory.
  virtual absl::Status Link(const Context& ctx, const std::string& path,
                            const std::string& target) = 0;

  // Removes what was being written to `directory` when a process ended. Only while nobody writes
  // there.
  virtual absl::Status RemoveUnfinished(const Context& ctx, const std::string& directory) = 0;

  struct Listed {
    std::string name;
    absl::Time modified;
  };
  struct Listing {
    std::vector<Listed> files;  // at most the `limit` first; no links
    absl::Time now;             // by the clock that `modified` is of
  };
  // The files in a directory; none if there is no such directory.
  virtual absl::StatusOr<Listing> List(const Context& ctx, const std::string& directory,
                                       size_t limit) = 0;
  // What is missing already is no error.
  virtual absl::Status Remove(const Context& ctx, const std::string& path) = 0;
  // Everything in `directory`; whether there was anything.
  virtual absl::StatusOr<bool> RemoveAll(const Context& ctx, const std::string& directory) = 0;
};

}  // namespace sluice::artifact
