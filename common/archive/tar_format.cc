// SPDX-License-Identifier: Apache-2.0
#include "common/archive/tar_format.h"

namespace sluice::archive {
namespace {

template <typename Byte, typename Sum>
Sum SumOf(absl::string_view block) {
  Sum sum = 0;
  for (size_t i = 0; i < block.size(); ++i) {
    const bool checksum = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
    sum += checksum ? static_cast<Byte>(' ') : static_cast<Byte>(block[i]);
  }
  return sum;
}

}  // namespace

uint64_t ChecksumOf(absl::string_view block) { return SumOf<uint8_t, uint64_t>(block); }
int64_t SignedChecksumOf(absl::string_view block) { return SumOf<int8_t, int64_t>(block); }

}  // namespace sluice::archive
