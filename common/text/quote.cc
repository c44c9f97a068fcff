// SPDX-License-Identifier: Apache-2.0
#include "common/text/quote.h"

#include <cstdint>

#include "absl/strings/str_format.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::text {

std::string QuoteWith(absl::string_view text, char quote, bool ascii) {
  std::string quoted(1, quote);
  while (!text.empty()) {
    const Decoded first = DecodeFirst(text);
    const auto code = static_cast<uint32_t>(first.character);
    constexpr absl::string_view kNamed = "\a\b\f\n\r\t\v";
    if (!first.valid) {
      absl::StrAppendFormat(&quoted, "\\x%02x", static_cast<uint8_t>(text[0]));
    } else if (text[0] == quote || text[0] == '\\') {
      quoted += '\\';
      quoted += text[0];
    } else if (IsPrintable(first.character) && (code < 0x80 || !ascii)) {
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
  quoted += quote;
  return quoted;
}

std::string Quote(absl::string_view text) { return QuoteWith(text, '"', /*ascii=*/false); }

bool CanBackquote(absl::string_view text) {
  while (!text.empty()) {
    const Decoded first = DecodeFirst(text);
    const auto code = static_cast<uint32_t>(first.character);
    if (!first.valid || code == 0xFEFF || code == '`' || code == 0x7F) return false;
    if (code < 0x20 && code != '\t') return false;
    text.remove_prefix(first.size);
  }
  return true;
}

}  // namespace sluice::text
