// Unpacking artifacts: a tar.gz that others made, entry by entry, under the rules that Flux's
// controllers have (fluxcd/pkg/tar, 2026) and within limits.
//
// Refused are names that are empty, absolute, hold a backslash, "../" or a NUL or lead above the
// root, and devices, FIFOs and sockets. A hard link comes out as an empty file, as there.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/archive/byte_stream.h"
#include "common/fs/clean_path.h"

namespace sluice::archive {

enum class Symlinks : uint8_t {
  kSkip,    // left out silently: consumers of artifacts, OCI layers
  kRefuse,  // an error: what source-controller unpacks of its own
};

struct UnpackOptions {
  Symlinks symlinks = Symlinks::kSkip;
  size_t max_entries = 1'000'000;
  size_t max_depth = fs::kMaxDepth;        // elements of a path
  uint64_t max_bytes = uint64_t{4} << 30;  // uncompressed, with the tar headers
  uint64_t max_file_bytes = uint64_t{1} << 30;
};

// Where the entries go. Paths are clean and never the root for a file. Calls come in the order of
// the archive; the same path may come twice, and the directories above a path need not have come.
class UnpackTarget {
 public:
  virtual ~UnpackTarget() = default;

  // `mode`: the permission bits to give it, 0700 always among them.
  virtual absl::Status AddDirectory(absl::string_view path, uint32_t mode) = 0;

  // Calls `read` until it returns "" for the whole content, `size` bytes, and returns its errors.
  // `mode`: the permission bits to give it.
  using Reader = absl::FunctionRef<absl::StatusOr<absl::string_view>()>;
  virtual absl::Status AddFile(absl::string_view path, uint32_t mode, uint64_t size,
                               Reader read) = 0;
};

// Unpacks the gzip-compressed tar archive in `compressed` into `target`. What was added before an
// error stays.
//
// kInvalidArgument for a damaged archive or an entry that is refused, kResourceExhausted where a
// limit is passed, otherwise the errors of source and target.
absl::Status Unpack(ByteSource& compressed, const UnpackOptions& options, UnpackTarget& target);

}  // namespace sluice::archive
