// Bytes that come or go in pieces, so that no archive has to be in memory as a whole.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::archive {

// Where bytes come from. Not thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Puts up to buffer.size() bytes, at least one, at the front of `buffer` and returns how many; 0
  // only at the end. After an error or the end the source is not read again.
  virtual absl::StatusOr<size_t> Read(std::span<char> buffer) = 0;
};

// Bytes in memory, which must outlive the source.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(absl::string_view bytes) : rest_(bytes) {}
  absl::StatusOr<size_t> Read(std::span<char> buffer) override;

 private:
  absl::string_view rest_;
};

// Where bytes go, in order. An error ends the writing and is returned to whoever writes.
using ByteSink = std::function<absl::Status(absl::string_view bytes)>;

}  // namespace sluice::archive
