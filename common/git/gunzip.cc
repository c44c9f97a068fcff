// SPDX-License-Identifier: Apache-2.0
#include "common/git/gunzip.h"

#include <zlib.h>

#include <array>

#include "absl/cleanup/cleanup.h"

namespace sluice::git {

absl::StatusOr<std::string> Gunzip(absl::string_view bytes, size_t limit) {
  constexpr int kGzipWindow = 15 + 16;
  z_stream stream = {};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return absl::InternalError("zlib");
  const absl::Cleanup end = [&stream] { inflateEnd(&stream); };
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string plain;
  std::array<char, 16384> buffer;
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = buffer.size();
    const int code = inflate(&stream, Z_NO_FLUSH);
    plain.append(buffer.data(), buffer.size() - stream.avail_out);
    if (plain.size() > limit) return absl::ResourceExhaustedError("the body is too large");
    if (code == Z_STREAM_END) return plain;
    if (code != Z_OK) return absl::InvalidArgumentError("malformed gzip stream");
  }
}

}  // namespace sluice::git
