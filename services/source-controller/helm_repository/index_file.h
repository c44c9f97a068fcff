// A downloaded index, brought into the form in which it is stored, with a few megabytes of memory
// whatever its size.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/disk/handle.h"
#include "common/disk/rooted_path.h"
#include "common/helm_repository/index_assembler.h"

namespace sluice::source_controller {

// The stored form, to be read once from its beginning to its end. Not thread-safe.
class StoredIndex {
 public:
  // What comes next, "" at the end; valid until the next call.
  absl::StatusOr<absl::string_view> Next();

  size_t charts() const { return charts_; }
  size_t versions() const { return versions_; }

 private:
  friend absl::StatusOr<StoredIndex> ReadIndexFile(const Context&, const disk::RootedPath&,
                                                   absl::string_view, size_t);

  std::vector<helm_repository::Segment> segments_;
  disk::Handle texts_;
  size_t charts_ = 0;
  size_t versions_ = 0;
  size_t segment_ = 0;
  bool text_given_ = false;
  uint64_t given_ = 0;  // of the segment's part of the file
  std::string buffer_;
};

// Reads and checks the index `path` in `directory`, in which a file is left that the result reads.
// Parts of it are read side by side by `threads` threads. kInvalidArgument, in the reference's
// words, for what is no index.
absl::StatusOr<StoredIndex> ReadIndexFile(const Context& ctx, const disk::RootedPath& directory,
                                          absl::string_view path, size_t threads = 2);

}  // namespace sluice::source_controller
