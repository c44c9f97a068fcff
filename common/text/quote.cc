// SPDX-License-Identifier: Apache-2.0
#include "common/text/quote.h"

#include <cstdint>

#include "absl/strings/str_format.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::text {

std::string Quote(absl::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const Decoded first = DecodeFirst(text);
    const auto code = static_cast<uint32_t>(first.character);
    constexpr absl::string_view kNamed = "\a\b\f\n\r\t\v";
    if (!first.valid) {
      absl::StrAppendFormat(&quoted, "\\x%02x", static_cast<uint8_t>(text[0]));
    } else if (code == '"' || code == '\\') {
      quoted += '\\';
      quoted += text[0];
    } else if (IsPrintable(first.character)) {
      quoted.append(text.data(), first.size);
    } else if (const size_t named = kNamed.find(text[0]); named != absl::string_view::npos) {
      quoted += '\\';
      quoted += "abfnrtv"[named];
    } else if (code < 0x80) {
      absl::StrAppendFormat(&quoted, "\\x%02x", code);
    } else if (code < 0x10000) {
      absl::StrAppendFormat(&quoted, "\\u%04x", code);
    } else {
      absl::StrAppendFormat(&quoted, "\\U%08x", code);
    }
    text.remove_prefix(first.size);
  }
  quoted += '"';
  return quoted;
}

}  // namespace sluice::text
