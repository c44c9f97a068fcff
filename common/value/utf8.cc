// SPDX-License-Identifier: Apache-2.0
#include "common/value/utf8.h"

#include <cstdint>
#include <cstring>

#include "common/text/utf8.h"

namespace sluice::value {

bool IsValidUtf8(absl::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  while (true) {
    // Mostly it is ASCII.
    for (uint64_t word; end - p >= 8; p += 8) {
      std::memcpy(&word, p, 8);
      if ((word & 0x8080808080808080) != 0) break;
    }
    while (p != end && static_cast<unsigned char>(*p) < 0x80) ++p;
    if (p == end) return true;
    const text::Decoded decoded =
        text::DecodeFirst(absl::string_view(p, static_cast<size_t>(end - p)));
    if (!decoded.valid) return false;
    p += decoded.size;
  }
}

std::string ToValidUtf8(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const text::Decoded decoded = text::DecodeFirst(text);
    text::AppendCharacter(decoded.character, out);
    text.remove_prefix(decoded.size);
  }
  return out;
}

}  // namespace sluice::value
