// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/toml_key.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace sluice::sprig {

std::string TomlQuoted(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
      case '\\':
        out += '\\';
        out += c;
        break;
      case '\b':
        out += "\\b";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (byte < 0x20 || byte == 0x7F) {
          absl::StrAppendFormat(&out, "\\u%04x", byte);
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

std::string TomlKeyPart(absl::string_view part) {
  const bool bare = !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
  });
  return bare ? std::string(part) : TomlQuoted(part);
}

std::string TomlKeyText(std::span<const std::string> key) {
  std::string text;
  for (const std::string& part : key) {
    absl::StrAppend(&text, text.empty() ? "" : ".", TomlKeyPart(part));
  }
  return text;
}

std::span<const TomlTimeForm> TomlTimeForms() {
  static const auto& forms = *new std::vector<TomlTimeForm>([] {
    const LocationPointer moment = FixedLocation("datetime-local", 0);
    const LocationPointer date = FixedLocation("date-local", 0);
    const LocationPointer time = FixedLocation("time-local", 0);
    return std::vector<TomlTimeForm>{
        {"2006-01-02T15:04:05.999999999Z07:00", LocalLocation()},
        {"2006-01-02T15:04:05.999999999", moment},
        {"2006-01-02", date},
        {"15:04:05.999999999", time},
        {"2006-01-02T15:04Z07:00", LocalLocation()},
        {"2006-01-02T15:04", moment},
        {"15:04", time},
    };
  }());
  return forms;
}

}  // namespace sluice::sprig
