// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/url.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/text/quote.h"

namespace sluice::sprig {
namespace {

// The characters besides letters and digits that stand unescaped in a part of a URL.
constexpr absl::string_view kPathMarks = "$&+,-./:;=@_~";
constexpr absl::string_view kFragmentMarks = "!$&()*+,-./:;=?@_~";
constexpr absl::string_view kUserMarks = "$&+,-.;=_~";
constexpr absl::string_view kHostMarks = "!\"$&'()*+,-.:;<=>[]_~";

enum class Part : uint8_t { kPath, kFragment, kUser, kHost, kZone };

bool StandsIn(char c, absl::string_view marks) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         (c != '\0' && absl::StrContains(marks, c));
}

std::string Escaped(absl::string_view text, absl::string_view marks) {
  constexpr absl::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (StandsIn(c, marks)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

absl::StatusOr<std::string> Unescaped(absl::string_view text, Part part) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool in_host = part == Part::kHost || part == Part::kZone;
    if (text[i] != '%') {
      const bool ascii = static_cast<unsigned char>(text[i]) < 0x80;
      if (in_host && ascii && !StandsIn(text[i], kHostMarks)) {
        return absl::InvalidArgumentError(
            absl::StrCat("invalid character ", text::Quote(text.substr(i, 1)), " in host name"));
      }
      out += text[i];
      continue;
    }
    const absl::string_view escape = text.substr(i, 3);
    const int high = escape.size() == 3 ? HexDigit(escape[1]) : -1;
    const int low = escape.size() == 3 ? HexDigit(escape[2]) : -1;
    const auto byte = static_cast<char>(high * 16 + low);
    // A host escapes only what is not ASCII, a zone only what could stand there as it is.
    const bool misplaced =
        (part == Part::kHost && high < 8 && escape != "%25") ||
        (part == Part::kZone && escape != "%25" && byte != ' ' && !StandsIn(byte, kHostMarks));
    if (high < 0 || low < 0 || misplaced) {
      return absl::InvalidArgumentError(absl::StrCat("invalid URL escape ", text::Quote(escape)));
    }
    out += byte;
    i += 2;
  }
  return out;
}

bool IsOptionalPort(absl::string_view port) {
  if (port.empty()) return true;
  return port[0] == ':' && std::all_of(port.begin() + 1, port.end(), absl::ascii_isdigit);
}

absl::Status CheckPort(absl::string_view port) {
  if (IsOptionalPort(port)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("invalid port ", text::Quote(port), " after host"));
}

bool IsIpv4(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](absl::string_view part) {
           return !part.empty() && part.size() <= 3 && (part.size() == 1 || part[0] != '0') &&
                  std::all_of(part.begin(), part.end(), absl::ascii_isdigit) &&
                  (part.size() < 3 || part <= "255");
         });
}

// Fields of hexadecimal digits between colons, eight of them or fewer with one "::", the last two
// perhaps as an IPv4 address; perhaps with a zone behind a "%".
bool IsIpv6(absl::string_view text) {
  const size_t percent = text.find('%');
  if (percent != absl::string_view::npos) {
    if (percent + 1 == text.size()) return false;
    text = text.substr(0, percent);
  }
  size_t fields = 0;
  const size_t gap = text.find("::");
  if (gap != absl::string_view::npos && text.find("::", gap + 1) != absl::string_view::npos) {
    return false;
  }
  std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  if (parts.size() < 3) return false;
  for (size_t i = 0; i < parts.size(); ++i) {
    const absl::string_view part = parts[i];
    if (part.empty()) {
      const bool beside_gap = gap != absl::string_view::npos &&
                              static_cast<size_t>(part.data() - text.data()) >= gap &&
                              static_cast<size_t>(part.data() - text.data()) <= gap + 2;
      if (!beside_gap) return false;
    } else if (i + 1 == parts.size() && IsIpv4(part)) {
      fields += 2;
    } else if (part.size() <= 4 && std::all_of(part.begin(), part.end(), absl::ascii_isxdigit)) {
      ++fields;
    } else {
      return false;
    }
  }
  return gap == absl::string_view::npos ? fields == 8 : fields < 8;
}

absl::StatusOr<std::string> ParseLiteral(absl::string_view host) {
  const size_t closing = host.rfind(']');
  if (closing == absl::string_view::npos) {
    return absl::InvalidArgumentError("missing ']' in host");
  }
  RETURN_IF_ERROR(CheckPort(host.substr(closing + 1)));
  const absl::string_view name = host.substr(1, closing - 1);
  const size_t zone = std::min(name.find("%25"), name.size());
  ASSIGN_OR_RETURN(std::string address, Unescaped(name.substr(0, zone), Part::kHost));
  ASSIGN_OR_RETURN(const std::string zone_name, Unescaped(name.substr(zone), Part::kZone));
  absl::StrAppend(&address, zone_name);
  if (IsIpv4(address)) return absl::InvalidArgumentError("invalid IP-literal");
  if (!IsIpv6(address)) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid host: ParseAddr(", text::Quote(address), "): unable to parse IP"));
  }
  return absl::StrCat("[", address, "]", host.substr(closing + 1));
}

absl::StatusOr<std::string> ParseHost(absl::string_view scheme, absl::string_view host) {
  const size_t bracket = host.rfind('[');
  if (bracket == 0) return ParseLiteral(host);
  if (bracket != absl::string_view::npos) return absl::InvalidArgumentError("invalid IP-literal");
  // Others than HTTP may have several hosts with colons.
  const bool strict = scheme == "http" || scheme == "https";
  const size_t colon = strict ? host.find(':') : host.rfind(':');
  if (colon != absl::string_view::npos) RETURN_IF_ERROR(CheckPort(host.substr(colon)));
  return Unescaped(host, Part::kHost);
}

absl::Status ParseAuthority(absl::string_view authority, Url& url) {
  const size_t at = authority.rfind('@');
  const bool has_user = at != absl::string_view::npos;
  ASSIGN_OR_RETURN(url.host,
                   ParseHost(url.scheme, has_user ? authority.substr(at + 1) : authority));
  if (!has_user) return absl::OkStatus();
  const absl::string_view user = authority.substr(0, at);
  if (!std::all_of(user.begin(), user.end(),
                   [](char c) { return StandsIn(c, "-._:~!$&'()*+,;=%@"); })) {
    return absl::InvalidArgumentError("net/url: invalid userinfo");
  }
  const size_t colon = user.find(':');
  url.user.emplace();
  ASSIGN_OR_RETURN(url.user->name, Unescaped(user.substr(0, colon), Part::kUser));
  if (colon != absl::string_view::npos) {
    ASSIGN_OR_RETURN(std::string password, Unescaped(user.substr(colon + 1), Part::kUser));
    url.user->password = std::move(password);
  }
  return absl::OkStatus();
}

// Takes "scheme:" off `rest`, if it begins so.
absl::StatusOr<std::string> TakeScheme(absl::string_view& rest) {
  for (size_t i = 0; i < rest.size(); ++i) {
    const auto c = static_cast<unsigned char>(rest[i]);
    if (c == ':') {
      if (i == 0) return absl::InvalidArgumentError("missing protocol scheme");
      std::string scheme = absl::AsciiStrToLower(rest.substr(0, i));
      rest.remove_prefix(i + 1);
      return scheme;
    }
    const bool letter = absl::ascii_isalpha(c);
    if (!letter && (i == 0 || (!absl::ascii_isdigit(c) && c != '+' && c != '-' && c != '.'))) break;
  }
  return "";
}

absl::string_view FirstSegment(absl::string_view path) { return path.substr(0, path.find('/')); }

// `text` has no fragment.
absl::StatusOr<Url> ParseWithoutFragment(absl::string_view text) {
  Url url;
  if (std::any_of(text.begin(), text.end(),
                  [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; })) {
    return absl::InvalidArgumentError("net/url: invalid control character in URL");
  }
  absl::string_view rest = text;
  ASSIGN_OR_RETURN(url.scheme, TakeScheme(rest));
  if (const size_t query = rest.find('?'); query != absl::string_view::npos) {
    url.query = std::string(rest.substr(query + 1));
    rest = rest.substr(0, query);
  }
  if (!absl::StartsWith(rest, "/")) {
    if (!url.scheme.empty()) {
      url.opaque = std::string(rest);
      return url;
    }
    if (absl::StrContains(FirstSegment(rest), ':')) {
      return absl::InvalidArgumentError("first path segment in URL cannot contain colon");
    }
  }
  if (absl::StartsWith(rest, "//") && (!url.scheme.empty() || !absl::StartsWith(rest, "///"))) {
    const absl::string_view authority = FirstSegment(rest.substr(2));
    rest.remove_prefix(2 + authority.size());
    RETURN_IF_ERROR(ParseAuthority(authority, url));
  }
  ASSIGN_OR_RETURN(url.path, Unescaped(rest, Part::kPath));
  return url;
}

absl::Status WithUrl(absl::string_view text, const absl::Status& error) {
  return absl::Status(error.code(),
                      absl::StrCat("parse ", text::Quote(text), ": ", error.message()));
}

}  // namespace

std::string UserInfo::Text() const {
  std::string text = Escaped(name, kUserMarks);
  if (password.has_value()) absl::StrAppend(&text, ":", Escaped(*password, kUserMarks));
  return text;
}

absl::StatusOr<Url> Url::Parse(absl::string_view text) {
  const size_t hash = std::min(text.find('#'), text.size());
  absl::StatusOr<Url> url = ParseWithoutFragment(text.substr(0, hash));
  if (!url.ok()) return WithUrl(text.substr(0, hash), url.status());
  if (hash < text.size()) {
    absl::StatusOr<std::string> fragment = Unescaped(text.substr(hash + 1), Part::kFragment);
    if (!fragment.ok()) return WithUrl(text, fragment.status());
    url->fragment = *std::move(fragment);
  }
  return url;
}

std::string Url::HostName() const {
  absl::string_view name = host;
  const size_t colon = name.rfind(':');
  if (colon != absl::string_view::npos && IsOptionalPort(name.substr(colon))) {
    name = name.substr(0, colon);
  }
  if (absl::StartsWith(name, "[") && absl::EndsWith(name, "]")) {
    name = name.substr(1, name.size() - 2);
  }
  return std::string(name);
}

std::string Url::Text() const {
  std::string text = scheme.empty() ? "" : absl::StrCat(scheme, ":");
  if (!opaque.empty()) {
    text += opaque;
  } else {
    if (!host.empty() || user.has_value() || (!scheme.empty() && !path.empty())) text += "//";
    if (user.has_value()) absl::StrAppend(&text, user->Text(), "@");
    absl::StrAppend(&text, Escaped(host, kHostMarks));
    const std::string written = path == "*" ? path : Escaped(path, kPathMarks);
    if (!written.empty() && written[0] != '/' && !host.empty()) text += '/';
    if (text.empty() && absl::StrContains(FirstSegment(written), ':')) text += "./";
    text += written;
  }
  if (!query.empty()) absl::StrAppend(&text, "?", query);
  if (!fragment.empty()) absl::StrAppend(&text, "#", Escaped(fragment, kFragmentMarks));
  return text;
}

}  // namespace sluice::sprig
