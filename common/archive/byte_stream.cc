// SPDX-License-Identifier: Apache-2.0
#include "common/archive/byte_stream.h"

#include <algorithm>

namespace sluice::archive {

absl::StatusOr<size_t> MemorySource::Read(std::span<char> buffer) {
  const size_t count = std::min(buffer.size(), rest_.size());
  std::copy_n(rest_.data(), count, buffer.data());
  rest_.remove_prefix(count);
  return count;
}

}  // namespace sluice::archive
