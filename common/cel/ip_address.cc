// SPDX-License-Identifier: Apache-2.0
#include "common/cel/ip_address.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/text/quote.h"

namespace sluice::cel {
namespace {

constexpr size_t kGroups = 8;

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<IpAddress> Run() {
    for (const char c : text_) {
      if (c == '.') {
        IpAddress address;
        address.is_v4 = true;
        RETURN_IF_ERROR(ParseV4(text_, address.bytes.data() + 12));
        return address;
      }
      if (c == ':') return ParseV6();
      if (c == '%') return Wrong("missing IPv6 address");
    }
    return Wrong("unable to parse IP");
  }

 private:
  absl::Status Wrong(absl::string_view what, absl::string_view at = {}) const {
    std::string message = absl::StrCat("ParseAddr(", text::Quote(text_), "): ", what);
    if (!at.empty()) absl::StrAppend(&message, " (at ", text::Quote(at), ")");
    return absl::InvalidArgumentError(message);
  }

  absl::Status ParseV4(absl::string_view text, uint8_t* out) const {
    unsigned value = 0;
    size_t digits = 0;
    size_t position = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
        if (digits == 1 && value == 0) return Wrong("IPv4 field has octet with leading zero");
        value = value * 10 + static_cast<unsigned>(c - '0');
        ++digits;
        if (value > 255) return Wrong("IPv4 field has value >255");
      } else if (c == '.') {
        if (i == 0 || i + 1 == text.size() || text[i - 1] == '.') {
          return Wrong("IPv4 field must have at least one digit", text.substr(i));
        }
        if (position == 3) return Wrong("IPv4 address too long");
        out[position++] = static_cast<uint8_t>(value);
        value = 0;
        digits = 0;
      } else {
        return Wrong("unexpected character", text.substr(i));
      }
    }
    if (position < 3) return Wrong("IPv4 address too short");
    out[3] = static_cast<uint8_t>(value);
    return absl::OkStatus();
  }

  absl::StatusOr<IpAddress> ParseV6() const {
    IpAddress address;
    absl::string_view rest = text_;
    const size_t percent = rest.find('%');
    if (percent != absl::string_view::npos) {
      if (percent + 1 == rest.size()) return Wrong("zone must be a non-empty string");
      address.has_zone = true;
      rest = rest.substr(0, percent);
    }
    int ellipsis = -1;  // in bytes
    if (rest.size() >= 2 && rest[0] == ':' && rest[1] == ':') {
      ellipsis = 0;
      rest.remove_prefix(2);
      if (rest.empty()) return address;
    }
    size_t i = 0;
    while (i < 16) {
      size_t digits = 0;
      unsigned value = 0;
      for (; digits < rest.size() && absl::ascii_isxdigit(static_cast<unsigned char>(rest[digits]));
           ++digits) {
        const char c = rest[digits];
        value = value * 16 + (c <= '9' ? static_cast<unsigned>(c - '0')
                                       : static_cast<unsigned>((c | 0x20) - 'a') + 10);
        if (digits > 3) return Wrong("each group must have 4 or less digits", rest);
      }
      if (digits == 0) {
        return Wrong("each colon-separated field must have at least one digit", rest);
      }
      if (digits < rest.size() && rest[digits] == '.') {
        if (ellipsis < 0 && i != 12) {
          return Wrong("embedded IPv4 address must replace the final 2 fields of the address",
                       rest);
        }
        if (i + 4 > 16) {
          return Wrong("too many hex fields to fit an embedded IPv4 at the end of the address",
                       rest);
        }
        RETURN_IF_ERROR(ParseV4(rest, address.bytes.data() + i));
        rest = {};
        i += 4;
        break;
      }
      address.bytes[i] = static_cast<uint8_t>(value >> 8);
      address.bytes[i + 1] = static_cast<uint8_t>(value);
      i += 2;
      rest.remove_prefix(digits);
      if (rest.empty()) break;
      if (rest[0] != ':') return Wrong("unexpected character, want colon", rest);
      if (rest.size() == 1) return Wrong("colon must be followed by more characters", rest);
      rest.remove_prefix(1);
      if (rest[0] == ':') {
        if (ellipsis >= 0) return Wrong("multiple :: in address", rest);
        ellipsis = static_cast<int>(i);
        rest.remove_prefix(1);
        if (rest.empty()) break;
      }
    }
    if (!rest.empty()) return Wrong("trailing garbage after address", rest);
    if (i < 16) {
      if (ellipsis < 0) return Wrong("address string too short");
      std::move_backward(address.bytes.begin() + ellipsis,
                         address.bytes.begin() + static_cast<std::ptrdiff_t>(i),
                         address.bytes.end());
      std::fill(address.bytes.begin() + ellipsis,
                address.bytes.begin() + ellipsis + static_cast<std::ptrdiff_t>(16 - i), 0);
    } else if (ellipsis >= 0) {
      return Wrong("the :: must expand to at least one field of zeros");
    }
    return address;
  }

  absl::string_view text_;
};

}  // namespace

absl::StatusOr<IpAddress> IpAddress::Parse(absl::string_view text) { return Parser(text).Run(); }

std::string IpAddress::ToString() const {
  if (is_v4) return absl::StrCat(bytes[12], ".", bytes[13], ".", bytes[14], ".", bytes[15]);
  const auto group = [&](size_t i) { return (unsigned{bytes[2 * i]} << 8) | bytes[2 * i + 1]; };
  // The longest run of two or more zero groups, the first of several, becomes "::".
  size_t zero_start = kGroups;
  size_t zero_size = 1;
  for (size_t i = 0; i < kGroups; ++i) {
    size_t end = i;
    while (end < kGroups && group(end) == 0) ++end;
    if (end - i > zero_size) {
      zero_start = i;
      zero_size = end - i;
    }
  }
  std::string text;
  for (size_t i = 0; i < kGroups; ++i) {
    if (i == zero_start) {
      text += "::";
      i += zero_size;
      if (i >= kGroups) break;
    } else if (i > 0) {
      text += ":";
    }
    absl::StrAppendFormat(&text, "%x", group(i));
  }
  return text;
}

bool IpAddress::bit(int index) const {
  const int at = index + (is_v4 ? 96 : 0);
  return (bytes[static_cast<size_t>(at / 8)] >> (7 - at % 8) & 1) != 0;
}

bool IpAddress::is_mapped_v4() const {
  return !is_v4 &&
         std::all_of(bytes.begin(), bytes.begin() + 10, [](uint8_t b) { return b == 0; }) &&
         bytes[10] == 0xFF && bytes[11] == 0xFF;
}

IpAddress IpAddress::Masked(int prefix) const {
  IpAddress masked = *this;
  for (int i = prefix; i < bits(); ++i) {
    const int at = i + (is_v4 ? 96 : 0);
    uint8_t& byte = masked.bytes[static_cast<size_t>(at / 8)];
    byte = static_cast<uint8_t>(byte & ~(1 << (7 - at % 8)));
  }
  return masked;
}

}  // namespace sluice::cel
