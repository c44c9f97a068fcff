// One entry of a tar archive, read or to be written.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace sluice::archive {

struct TarEntry {
  enum class Type : uint8_t {
    kFile,
    kDirectory,
    kSymlink,
    kHardLink,
    kOther,  // a device, FIFO or socket
  };

  std::string name;  // as written in the archive: not cleaned, not to be trusted
  Type type = Type::kFile;
  uint32_t mode = 0;        // permission bits, 0 to 07777
  uint64_t size = 0;        // bytes of content; 0 but for files
  int64_t mtime = 0;        // seconds since 1970
  std::string link_target;  // of links, as written
};

}  // namespace sluice::archive
