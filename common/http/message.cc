// SPDX-License-Identifier: Apache-2.0
#include "common/http/message.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace sluice::http {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

bool IsUnreserved(char c) {
  return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string Escape(absl::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c)) {
      escaped.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      escaped.push_back('%');
      escaped.push_back(kHexDigits[byte >> 4]);
      escaped.push_back(kHexDigits[byte & 15]);
    }
  }
  return escaped;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool ValidScheme(absl::string_view scheme) {
  return !scheme.empty() && absl::ascii_isalpha(scheme[0]) &&
         std::all_of(scheme.begin(), scheme.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '+' || c == '-' || c == '.';
         });
}

// `text` with what stands between "//" and "@" hidden, quoted; for text that is not a URL too.
std::string QuoteRedacted(absl::string_view text) {
  const size_t slashes = text.find("//");
  if (slashes != absl::string_view::npos) {
    const size_t begin = slashes + 2;
    const size_t end = std::min(text.find_first_of("/?#", begin), text.size());
    const size_t at = text.substr(0, end).rfind('@');
    if (at != absl::string_view::npos && at >= begin) {
      return absl::StrCat("\"", absl::CEscape(text.substr(0, begin)),
                          absl::CEscape(text.substr(at + 1)), "\"");
    }
  }
  return absl::StrCat("\"", absl::CEscape(text), "\"");
}

// Takes "host[:port]" or "[v6][:port]"; what is wrong with it, or "".
absl::string_view ParseAuthority(absl::string_view authority, Url& url) {
  absl::string_view port;
  if (absl::StartsWith(authority, "[")) {
    const size_t close = authority.find(']');
    if (close == absl::string_view::npos) return "missing \"]\" in host";
    url.host = std::string(authority.substr(1, close - 1));
    if (url.host.find_first_not_of("0123456789abcdefABCDEF:.%") != std::string::npos) {
      return "invalid IPv6 address";
    }
    authority.remove_prefix(close + 1);
    if (!authority.empty() && authority[0] != ':') return "invalid port";
    port = authority.empty() ? "" : authority.substr(1);
  } else {
    const size_t colon = authority.find(':');
    url.host = std::string(authority.substr(0, colon));
    port = colon == absl::string_view::npos ? "" : authority.substr(colon + 1);
    const bool clean = std::all_of(url.host.begin(), url.host.end(), [](char c) {
      return absl::ascii_isgraph(c) && !absl::StrContains("<>\"\\^`{}|[]@", c);
    });
    if (!clean) return "invalid character in host";
  }
  if (!port.empty()) {
    if (port.find_first_not_of("0123456789") != absl::string_view::npos ||
        !absl::SimpleAtoi(port, &url.port) || url.port < 1 || url.port > 65535) {
      return "invalid port";
    }
  }
  return "";
}

}  // namespace

void Headers::Add(absl::string_view name, absl::string_view value) {
  fields_.emplace_back(std::string(name), std::string(value));
}

void Headers::Set(absl::string_view name, absl::string_view value) {
  Remove(name);
  Add(name, value);
}

void Headers::Remove(absl::string_view name) {
  std::erase_if(fields_,
                [&](const auto& field) { return absl::EqualsIgnoreCase(field.first, name); });
}

absl::string_view Headers::Get(absl::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (absl::EqualsIgnoreCase(key, name)) return value;
  }
  return "";
}

bool Headers::Has(absl::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(),
                     [&](const auto& field) { return absl::EqualsIgnoreCase(field.first, name); });
}

std::string EscapePathSegment(absl::string_view text) { return Escape(text); }

std::string EscapeQuery(absl::string_view text) { return Escape(text); }

std::string Unescape(absl::string_view text, bool plus_is_blank) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
    const int low = high >= 0 ? HexValue(text[i + 2]) : -1;
    if (low >= 0) {
      plain.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      plain.push_back(plus_is_blank && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return plain;
}

std::string Url::Origin() const {
  const bool v6 = absl::StrContains(host, ':');
  std::string origin =
      v6 ? absl::StrCat(scheme, "://[", host, "]") : absl::StrCat(scheme, "://", host);
  if (port != 0) absl::StrAppend(&origin, ":", port);
  return origin;
}

std::string Url::Redacted() const {
  std::string text = absl::StrCat(Origin(), path);
  if (!query.empty()) absl::StrAppend(&text, "?", query);
  return text;
}

absl::StatusOr<Url> Url::Parse(absl::string_view text) {
  const auto invalid = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("parse URL ", QuoteRedacted(text), ": ", why));
  };
  const size_t colon = text.find("://");
  if (colon == absl::string_view::npos || !ValidScheme(text.substr(0, colon))) {
    return invalid("missing scheme");
  }
  if (std::any_of(text.begin(), text.end(),
                  [](char c) { return absl::ascii_iscntrl(c) || c == ' '; })) {
    return invalid("invalid character");
  }
  Url url;
  url.scheme = absl::AsciiStrToLower(text.substr(0, colon));
  absl::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  if (const size_t mark = rest.find('?'); mark != absl::string_view::npos) {
    url.query = std::string(rest.substr(mark + 1));
    rest = rest.substr(0, mark);
  }
  if (const size_t slash = rest.find('/'); slash != absl::string_view::npos) {
    url.path = std::string(rest.substr(slash));
    rest = rest.substr(0, slash);
  }
  if (const size_t at = rest.rfind('@'); at != absl::string_view::npos) {
    url.userinfo = std::string(rest.substr(0, at));
    rest = rest.substr(at + 1);
  }
  if (const absl::string_view why = ParseAuthority(rest, url); !why.empty()) return invalid(why);
  return url;
}

}  // namespace sluice::http
