// Reading tar: V7, USTAR, PAX and GNU (long names, large numbers), as Go's archive/tar takes them.
// Sparse files are refused.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/archive/byte_stream.h"
#include "common/archive/tar_entry.h"

namespace sluice::archive {

// The most that a PAX header or a GNU long name may have, in bytes; Go has the same bound.
inline constexpr uint64_t kMaxTarHeaderBytes = uint64_t{1} << 20;

// Not thread-safe. After an error the reader is of no more use.
class TarReader {
 public:
  // Reads from `source`, which must outlive it. At most `max_bytes` of tar, headers included, are
  // taken from it.
  TarReader(ByteSource& source, uint64_t max_bytes) : source_(source), left_(max_bytes) {}

  // The next entry, nothing at the end of the archive; content of the entry before is skipped.
  // PAX headers that are about the whole archive are left out.
  //
  // kInvalidArgument, "tar error: …", for what is damaged or ends too early. kResourceExhausted
  // where the archive is larger than the bound, as soon as a header says so. The source's errors.
  absl::StatusOr<std::optional<TarEntry>> Next();

  // Content of the current entry: what there is, up to buffer.size(); 0 at its end.
  absl::StatusOr<size_t> Read(std::span<char> buffer);

 private:
  // What records before a header say about it.
  struct Overrides {
    std::optional<std::string> name, link_target;
    std::optional<uint64_t> size;
  };

  // Fills `buffer`; false if the archive ends before its first byte.
  absl::StatusOr<bool> ReadFully(std::span<char> buffer);
  absl::Status Skip(uint64_t count);
  // The content of an extended header.
  absl::StatusOr<std::string> ReadText(uint64_t size);
  // The next header block; nothing at the end.
  absl::StatusOr<std::optional<std::string>> ReadBlock();
  absl::StatusOr<TarEntry> Decode(absl::string_view block, const Overrides& overrides) const;

  ByteSource& source_;
  uint64_t left_;
  uint64_t content_ = 0;  // bytes of the current entry still to be read
  uint64_t padding_ = 0;  // bytes after them to the end of the block
};

}  // namespace sluice::archive
