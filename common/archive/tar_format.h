// The layout of a tar header block (POSIX.1-2017, pax). Shared by reader and writer.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace sluice::archive {

inline constexpr size_t kBlockBytes = 512;

// Where a field stands in the block.
struct Field {
  size_t offset, size;

  absl::string_view In(absl::string_view block) const { return block.substr(offset, size); }
};

inline constexpr Field kName = {0, 100};
inline constexpr Field kMode = {100, 8};
inline constexpr Field kUserId = {108, 8};
inline constexpr Field kGroupId = {116, 8};
inline constexpr Field kSize = {124, 12};
inline constexpr Field kTime = {136, 12};
inline constexpr Field kChecksum = {148, 8};
inline constexpr Field kType = {156, 1};
inline constexpr Field kLink = {157, 100};
inline constexpr Field kMagic = {257, 8};  // with the version
inline constexpr Field kDeviceMajor = {329, 8};
inline constexpr Field kDeviceMinor = {337, 8};
inline constexpr Field kPrefix = {345, 155};

inline constexpr absl::string_view kUstarMagic(
    "ustar\0"
    "00",
    8);

// The bytes to the end of the last block of `size` bytes.
inline uint64_t PaddingOf(uint64_t size) {
  return (kBlockBytes - size % kBlockBytes) % kBlockBytes;
}

// The sum of the block's bytes with the checksum field read as blanks; bytes count as unsigned, or
// as signed, which some old programs did.
uint64_t ChecksumOf(absl::string_view block);
int64_t SignedChecksumOf(absl::string_view block);

}  // namespace sluice::archive
