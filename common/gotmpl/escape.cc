// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/escape.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::gotmpl {

std::string EscapeHtml(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\0':
        out += "\xEF\xBF\xBD";  // U+FFFD
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string EscapeJs(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    const text::Decoded first = text::DecodeFirst(text);
    const char c = text[0];
    if (c == '\\' || c == '\'' || c == '"') {
      out += '\\';
      out += c;
    } else if (absl::StrContains("<>&=", c) && c != '\0') {
      absl::StrAppendFormat(&out, "\\u%04X", static_cast<unsigned>(c));
    } else if (first.character < 0x20 ||
               (first.character >= 0x80 && !text::IsPrintable(first.character))) {
      absl::StrAppendFormat(&out, "\\u%04X", static_cast<uint32_t>(first.character));
    } else {
      out.append(text.data(), first.size);
    }
    text.remove_prefix(first.size);
  }
  return out;
}

std::string EscapeQuery(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      absl::StrAppendFormat(&out, "%%%02X", byte);
    }
  }
  return out;
}

}  // namespace sluice::gotmpl
