// Writing tar: USTAR, with a PAX record before an entry whose name, link or size does not fit it.
// Owner and group are 0 and nameless; there is no padding beyond the two zero blocks at the end.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/archive/byte_stream.h"
#include "common/archive/tar_entry.h"

namespace sluice::archive {

// Not thread-safe.
class TarWriter {
 public:
  explicit TarWriter(ByteSink sink) : sink_(std::move(sink)) {}

  // Begins an entry, whose `size` bytes are to be written before the next one. kInvalidArgument for
  // kOther, an empty name, a NUL in a name or a negative time; kFailedPrecondition if content of
  // the entry before is missing; otherwise the errors of the sink.
  absl::Status Begin(const TarEntry& entry);
  // Content of the entry, in pieces. kFailedPrecondition for more than was announced.
  absl::Status Write(absl::string_view bytes);
  // Writes the end; call once, last. kFailedPrecondition if content is missing.
  absl::Status Finish();

 private:
  absl::Status Pad();

  ByteSink sink_;
  uint64_t missing_ = 0;  // bytes of the current entry still to be written
  uint64_t padding_ = 0;  // zero bytes after them
};

}  // namespace sluice::archive
