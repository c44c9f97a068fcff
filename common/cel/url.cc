// SPDX-License-Identifier: Apache-2.0
#include "common/cel/url.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/text/quote.h"

namespace sluice::cel {
namespace {

bool IsHex(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }
unsigned HexValue(char c) {
  return c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 0x20) - 'a') + 10;
}
bool IsUnreserved(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("-_.~", c);
}

absl::Status BadEscape(absl::string_view text, size_t at) {
  return absl::InvalidArgumentError(
      absl::StrCat("invalid URL escape ", text::Quote(text.substr(at, 3))));
}

// `text` with %xx replaced; '+' is a blank in queries.
absl::StatusOr<std::string> Unescape(absl::string_view text, bool query) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !IsHex(text[i + 1]) || !IsHex(text[i + 2])) {
        return BadEscape(text, i);
      }
      out += static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]));
      i += 2;
    } else {
      out += query && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string EscapePath(absl::string_view path) {
  std::string out;
  for (const char c : path) {
    if (IsUnreserved(c) || absl::StrContains("$&+,/:;=@", c)) {
      out += c;
    } else {
      absl::StrAppendFormat(&out, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return out;
}

absl::Status CheckPort(absl::string_view port) {
  if (port.empty()) return absl::OkStatus();
  const bool good = port[0] == ':' && std::all_of(port.begin() + 1, port.end(), [](char c) {
                      return absl::ascii_isdigit(static_cast<unsigned char>(c));
                    });
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("invalid port ", text::Quote(port), " after host"));
}

// Only characters beyond ASCII may be escaped in a host's name.
absl::Status CheckHost(absl::string_view host) {
  for (size_t i = 0; i < host.size(); ++i) {
    const char c = host[i];
    if (c == '%') {
      if (i + 2 >= host.size() || !IsHex(host[i + 1]) || !IsHex(host[i + 2])) {
        return BadEscape(host, i);
      }
      if (HexValue(host[i + 1]) < 8) return BadEscape(host, i);
      i += 2;
    } else if (static_cast<unsigned char>(c) < 0x80 && !IsUnreserved(c) &&
               !absl::StrContains("!$&'()*+,;=:[]<>\"", c)) {
      return absl::InvalidArgumentError(
          absl::StrCat("invalid character ", text::Quote(host.substr(i, 1)), " in host name"));
    }
  }
  return absl::OkStatus();
}

absl::Status ParseAuthority(absl::string_view authority, Url& url) {
  const size_t at = authority.rfind('@');
  absl::string_view host = authority;
  if (at != absl::string_view::npos) {
    const absl::string_view user = authority.substr(0, at);
    host = authority.substr(at + 1);
    const bool good = std::all_of(user.begin(), user.end(), [](char c) {
      return IsUnreserved(c) || absl::StrContains("!$&'()*+,;=:%@", c);
    });
    if (!good) return absl::InvalidArgumentError("net/url: invalid userinfo");
  }
  if (absl::StartsWith(host, "[")) {
    const size_t end = host.rfind(']');
    if (end == absl::string_view::npos) {
      return absl::InvalidArgumentError("missing ']' in host");
    }
    RETURN_IF_ERROR(CheckPort(host.substr(end + 1)));
    const size_t zone = host.find("%25");
    RETURN_IF_ERROR(CheckHost(host.substr(0, std::min(zone, end))));
  } else {
    const size_t colon = host.rfind(':');
    if (colon != absl::string_view::npos) RETURN_IF_ERROR(CheckPort(host.substr(colon)));
    RETURN_IF_ERROR(CheckHost(host));
  }
  ASSIGN_OR_RETURN(url.host, Unescape(host, false));
  return absl::OkStatus();
}

absl::Status ParseInto(absl::string_view rest, Url& url) {
  for (const char c : rest) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) {
      return absl::InvalidArgumentError("net/url: invalid control character in URL");
    }
  }
  if (rest.empty()) return absl::InvalidArgumentError("empty url");
  if (rest == "*") {
    url.path = "*";
    return absl::OkStatus();
  }
  // A fragment is no part of what a request says.
  rest = rest.substr(0, rest.find('#'));
  for (size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if (absl::ascii_isalpha(static_cast<unsigned char>(c))) continue;
    if (c == ':') {
      if (i == 0) return absl::InvalidArgumentError("missing protocol scheme");
      url.scheme = absl::AsciiStrToLower(rest.substr(0, i));
      rest.remove_prefix(i + 1);
      break;
    }
    const bool goes_on = i > 0 && (absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
                                   absl::StrContains("+-.", c));
    if (!goes_on) break;
  }
  const size_t question = rest.find('?');
  if (question != absl::string_view::npos) {
    url.query = std::string(rest.substr(question + 1));
    rest = rest.substr(0, question);
  }
  if (!absl::StartsWith(rest, "/")) {
    if (!url.scheme.empty()) return absl::OkStatus();  // "mailto:…": nothing more to read
    return absl::InvalidArgumentError("invalid URI for request");
  }
  if (!url.scheme.empty() && absl::ConsumePrefix(&rest, "//")) {
    const size_t slash = std::min(rest.find('/'), rest.size());
    RETURN_IF_ERROR(ParseAuthority(rest.substr(0, slash), url));
    rest.remove_prefix(slash);
  }
  RETURN_IF_ERROR(Unescape(rest, false).status());
  url.path = std::string(rest);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Url> Url::Parse(absl::string_view text) {
  Url url;
  url.text = std::string(text);
  const absl::Status status = ParseInto(text, url);
  if (status.ok()) return url;
  return absl::InvalidArgumentError(
      absl::StrCat("parse ", text::Quote(text), ": ", status.message()));
}

std::string Url::HostName() const {
  const size_t bracket = host.find(']');
  if (!host.empty() && host[0] == '[' && bracket != std::string::npos) {
    return host.substr(1, bracket - 1);
  }
  return host.substr(0, host.rfind(':'));
}

std::string Url::Port() const {
  const size_t colon = host.rfind(':');
  const size_t bracket = host.find(']');
  if (colon == std::string::npos || (bracket != std::string::npos && colon < bracket)) return "";
  return host.substr(colon + 1);
}

std::string Url::EscapedPath() const {
  if (path == "*") return path;
  // What was written is kept if it can be the escaped form of what it means.
  const bool valid = std::all_of(path.begin(), path.end(), [](char c) {
    return IsUnreserved(c) || absl::StrContains("!$&'()*+,;=:@[]%/", c);
  });
  if (valid) return path;
  return EscapePath(Unescape(path, false).value_or(""));
}

std::vector<std::pair<std::string, std::vector<std::string>>> Url::Query() const {
  std::vector<std::pair<std::string, std::vector<std::string>>> values;
  for (const absl::string_view part : absl::StrSplit(query, '&')) {
    if (part.empty() || absl::StrContains(part, ';')) continue;
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    const absl::StatusOr<std::string> name = Unescape(pair.first, true);
    const absl::StatusOr<std::string> value = Unescape(pair.second, true);
    if (!name.ok() || !value.ok()) continue;
    auto entry = std::find_if(values.begin(), values.end(),
                              [&](const auto& known) { return known.first == *name; });
    if (entry == values.end()) entry = values.insert(values.end(), {*name, {}});
    entry->second.push_back(*value);
  }
  return values;
}

}  // namespace sluice::cel
