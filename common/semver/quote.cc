// SPDX-License-Identifier: Apache-2.0
#include "common/semver/quote.h"

#include <cstdint>

#include "absl/strings/str_format.h"

namespace sluice::semver {
namespace {

// The bytes of the well-formed UTF-8 character that `text` begins with, 0 if it begins with none.
size_t CharacterSize(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t size = lead >= 0xC2 && lead <= 0xDF   ? 2
                      : lead >= 0xE0 && lead <= 0xEF ? 3
                      : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                     : 0;
  if (size == 0 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool too_small = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xED && byte(1) > 0x9F;
  const bool too_large = lead == 0xF4 && byte(1) > 0x8F;
  return too_small || surrogate || too_large ? 0 : size;
}

}  // namespace

std::string Quote(absl::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const size_t size = CharacterSize(text);
    const auto lead = static_cast<uint8_t>(text[0]);
    constexpr absl::string_view kNamed = "\a\b\f\n\r\t\v";
    if (size == 0) {
      absl::StrAppendFormat(&quoted, "\\x%02x", lead);
    } else if (lead == '"' || lead == '\\') {
      quoted += '\\';
      quoted += text[0];
    } else if (const size_t named = kNamed.find(text[0]); named != absl::string_view::npos) {
      quoted += '\\';
      quoted += "abfnrtv"[named];
    } else if (lead < 0x20 || lead == 0x7F) {
      absl::StrAppendFormat(&quoted, "\\x%02x", lead);
    } else if (lead == 0xC2 && static_cast<uint8_t>(text[1]) < 0xA0) {
      absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<uint8_t>(text[1]));
    } else {
      quoted.append(text.data(), size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  quoted += '"';
  return quoted;
}

}  // namespace sluice::semver
