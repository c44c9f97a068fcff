// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/url.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/jsonschema/address.h"
#include "common/text/quote.h"
#include "common/text/url_path.h"

namespace sluice::jsonschema {
namespace {

// The part of a URL that something is escaped for.
enum class Part { kPath, kPathSegment, kUser, kHost, kZone, kFragment };

bool Contains(absl::string_view set, char c) { return set.find(c) != absl::string_view::npos; }

// Besides letters, digits and -_.~, which stand for themselves everywhere.
bool StandsForItself(char c, Part part) {
  if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || Contains("-_.~", c)) return true;
  switch (part) {
    case Part::kPath:
      return Contains("$&+,/:;=@", c);
    case Part::kPathSegment:
      return Contains("$&+:=@", c);
    case Part::kUser:
      return Contains("$&+,;=", c);
    case Part::kFragment:
      return Contains("$&+,/:;=?@!()*", c);
    default:
      return Contains("!$&'()*+,;=:[]<>\"", c);
  }
}

std::string Escape(absl::string_view text, Part part) {
  std::string out;
  for (const char c : text) {
    if (StandsForItself(c, part)) {
      out += c;
    } else {
      absl::StrAppendFormat(&out, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return out;
}

int HexDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c)) ? c - '0'
                                                            : absl::ascii_tolower(c) - 'a' + 10;
}

absl::Status BadEscape(absl::string_view escape) {
  return absl::InvalidArgumentError(
      absl::StrCat("invalid URL escape ", text::Quote(escape.substr(0, 3))));
}

absl::StatusOr<std::string> Unescape(absl::string_view text, Part part) {
  std::string out;
  const bool in_host = part == Part::kHost || part == Part::kZone;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '%') {
      if (in_host && static_cast<unsigned char>(c) < 0x80 && !StandsForItself(c, part)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "invalid character ", text::Quote(absl::string_view(&c, 1)), " in host name"));
      }
      out += c;
      continue;
    }
    const absl::string_view rest = text.substr(i);
    if (rest.size() < 3 || !absl::ascii_isxdigit(static_cast<unsigned char>(rest[1])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(rest[2]))) {
      return BadEscape(rest);
    }
    const char decoded = static_cast<char>(HexDigit(rest[1]) * 16 + HexDigit(rest[2]));
    const bool percent = absl::StartsWith(rest, "%25");
    // Of a host only what is not ASCII may be escaped, of a zone what need not be.
    if (part == Part::kHost && HexDigit(rest[1]) < 8 && !percent) return BadEscape(rest);
    if (part == Part::kZone && !percent && decoded != ' ' &&
        !StandsForItself(decoded, Part::kHost)) {
      return BadEscape(rest);
    }
    out += decoded;
    i += 2;
  }
  return out;
}

absl::Status Fault(absl::string_view problem) { return absl::InvalidArgumentError(problem); }

bool IsOptionalPort(absl::string_view text) {
  if (text.empty()) return true;
  return text[0] == ':' && std::all_of(text.begin() + 1, text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c));
         });
}

absl::Status BadPort(absl::string_view port) {
  return Fault(absl::StrCat("invalid port ", text::Quote(port), " after host"));
}

// Length of the scheme with its colon; 0 if there is none.
absl::StatusOr<size_t> SchemeLength(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (absl::ascii_isalpha(c)) continue;
    if (c == ':') {
      if (i == 0) return Fault("missing protocol scheme");
      return i + 1;
    }
    if (i == 0 || !(absl::ascii_isdigit(c) || Contains("+-.", text[i]))) return size_t{0};
  }
  return size_t{0};
}

// The path `reference` seen from `base`, without "." and ".." (RFC 3986, 5.2.4).
std::string JoinPaths(absl::string_view base, absl::string_view reference) {
  std::string full(reference);
  if (reference.empty()) {
    full = std::string(base);
  } else if (reference[0] != '/') {
    full = absl::StrCat(base.substr(0, base.rfind('/') + 1), reference);
  }
  if (full.empty()) return "";
  return text::RemoveDotSegments(full);
}

}  // namespace

std::pair<absl::string_view, absl::string_view> SplitFragment(absl::string_view text) {
  const size_t hash = text.find('#');
  if (hash == absl::string_view::npos) return {text, absl::string_view()};
  return {text.substr(0, hash), text.substr(hash + 1)};
}

absl::StatusOr<std::string> PathUnescape(absl::string_view text) {
  return Unescape(text, Part::kPathSegment);
}

std::string EscapePointer(absl::string_view pointer) {
  std::string out;
  while (true) {
    const size_t slash = pointer.find('/');
    absl::StrAppend(&out, Escape(pointer.substr(0, slash), Part::kPathSegment));
    if (slash == absl::string_view::npos) return out;
    out += '/';
    pointer.remove_prefix(slash + 1);
  }
}

absl::StatusOr<Url> Url::Parse(absl::string_view text) {
  const auto [reference, fragment] = SplitFragment(text);
  Url url;
  if (const absl::Status status = url.ParseReference(reference); !status.ok()) {
    return Fault(absl::StrCat("parse ", text::Quote(reference), ": ", status.message()));
  }
  if (const auto decoded = Unescape(fragment, Part::kFragment); !decoded.ok()) {
    return Fault(absl::StrCat("parse ", text::Quote(text), ": ", decoded.status().message()));
  }
  return url;
}

absl::Status Url::ParseReference(absl::string_view text) {
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      return Fault("net/url: invalid control character in URL");
    }
  }
  if (text == "*") {
    path = "*";
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const size_t length, SchemeLength(text));
  if (length > 0) scheme = absl::AsciiStrToLower(text.substr(0, length - 1));
  absl::string_view rest = text.substr(length);
  const size_t mark = rest.find('?');
  if (mark != absl::string_view::npos) {
    query = std::string(rest.substr(mark + 1));
    force_query = query.empty();
    rest = rest.substr(0, mark);
  }
  if (!absl::StartsWith(rest, "/")) {
    if (!scheme.empty()) {
      opaque = std::string(rest);
      return absl::OkStatus();
    }
    if (Contains(rest.substr(0, rest.find('/')), ':')) {
      return Fault("first path segment in URL cannot contain colon");
    }
  }
  if ((!scheme.empty() || !absl::StartsWith(rest, "///")) && absl::StartsWith(rest, "//")) {
    const size_t slash = std::min(rest.find('/', 2), rest.size());
    RETURN_IF_ERROR(ParseAuthority(rest.substr(2, slash - 2)));
    rest.remove_prefix(slash);
  } else if (!scheme.empty() && absl::StartsWith(rest, "/")) {
    omit_host = true;
  }
  return SetPath(rest);
}

absl::Status Url::ParseAuthority(absl::string_view authority) {
  const size_t at = authority.rfind('@');
  if (at == absl::string_view::npos) return ParseHost(authority);
  RETURN_IF_ERROR(ParseHost(authority.substr(at + 1)));
  const absl::string_view info = authority.substr(0, at);
  for (const char c : info) {
    const bool letter = absl::ascii_isalnum(static_cast<unsigned char>(c));
    if (!letter && !Contains("-._:~!$&'()*+,;=%@", c)) {
      return Fault("net/url: invalid userinfo");
    }
  }
  const size_t colon = info.find(':');
  ASSIGN_OR_RETURN(const std::string name, Unescape(info.substr(0, colon), Part::kUser));
  user = Escape(name, Part::kUser);
  if (colon != absl::string_view::npos) {
    ASSIGN_OR_RETURN(const std::string password, Unescape(info.substr(colon + 1), Part::kUser));
    absl::StrAppend(&*user, ":", Escape(password, Part::kUser));
  }
  return absl::OkStatus();
}

absl::Status Url::ParseHost(absl::string_view text) {
  const size_t open = text.rfind('[');
  if (open != absl::string_view::npos && open > 0) return Fault("invalid IP-literal");
  if (open == 0) {
    const size_t close = text.rfind(']');
    if (close == absl::string_view::npos) return Fault("missing ']' in host");
    const absl::string_view port = text.substr(close + 1);
    if (!IsOptionalPort(port)) return BadPort(port);
    const absl::string_view name = text.substr(1, close - 1);
    const size_t zone = std::min(name.find("%25"), name.size());
    ASSIGN_OR_RETURN(std::string unescaped, Unescape(name.substr(0, zone), Part::kHost));
    ASSIGN_OR_RETURN(const std::string zone_name, Unescape(name.substr(zone), Part::kZone));
    unescaped += zone_name;
    const absl::StatusOr<Address> address = ParseAddress(unescaped);
    if (!address.ok()) return Fault(absl::StrCat("invalid host: ", address.status().message()));
    if (address->is_ipv4) return Fault("invalid IP-literal");
    host = absl::StrCat("[", unescaped, "]", port);
    return absl::OkStatus();
  }
  if (const size_t first = text.find(':'); first != absl::string_view::npos) {
    const bool strict = scheme == "http" || scheme == "https";
    const absl::string_view port = text.substr(strict ? first : text.rfind(':'));
    if (!IsOptionalPort(port)) return BadPort(port);
  }
  ASSIGN_OR_RETURN(host, Unescape(text, Part::kHost));
  return absl::OkStatus();
}

absl::Status Url::SetPath(absl::string_view escaped) {
  ASSIGN_OR_RETURN(path, Unescape(escaped, Part::kPath));
  raw_path = Escape(path, Part::kPath) == escaped ? "" : std::string(escaped);
  return absl::OkStatus();
}

std::string Url::EscapedPath() const {
  const bool valid = std::all_of(raw_path.begin(), raw_path.end(), [](char c) {
    return StandsForItself(c, Part::kPath) || Contains("!'()*[]%", c);
  });
  if (!raw_path.empty() && valid) return raw_path;
  return path == "*" ? "*" : Escape(path, Part::kPath);
}

Url Url::Resolve(const Url& reference) const {
  Url url = reference;
  if (reference.scheme.empty()) url.scheme = scheme;
  if (!reference.scheme.empty() || !reference.host.empty() || reference.user.has_value()) {
    // The path was read from a URL, so it is well-formed.
    url.SetPath(JoinPaths(reference.EscapedPath(), "")).IgnoreError();
    return url;
  }
  if (reference.path.empty() && !reference.force_query && reference.query.empty()) {
    url.query = query;
  }
  // Go forgets what stands behind the scheme of urn:a:b; the reference mends that.
  if (!opaque.empty()) {
    url.opaque = opaque;
    return url;
  }
  url.host = host;
  url.user = user;
  url.SetPath(JoinPaths(EscapedPath(), reference.EscapedPath())).IgnoreError();
  return url;
}

std::string Url::String() const {
  std::string out = scheme.empty() ? "" : absl::StrCat(scheme, ":");
  if (!opaque.empty()) {
    out += opaque;
  } else {
    if (!scheme.empty() || !host.empty() || user.has_value()) {
      const bool omitted = omit_host && host.empty() && !user.has_value();
      if (!omitted && (!host.empty() || !path.empty() || user.has_value())) out += "//";
      if (user.has_value()) absl::StrAppend(&out, *user, "@");
      out += Escape(host, Part::kHost);
    }
    const std::string escaped = EscapedPath();
    if (!escaped.empty() && escaped[0] != '/' && !host.empty()) out += '/';
    if (out.empty() && Contains(absl::string_view(escaped).substr(0, escaped.find('/')), ':')) {
      out += "./";
    }
    out += escaped;
  }
  if (force_query || !query.empty()) absl::StrAppend(&out, "?", query);
  return out;
}

std::string Url::Hostname() const {
  absl::string_view name = host;
  const size_t colon = name.rfind(':');
  if (colon != absl::string_view::npos && IsOptionalPort(name.substr(colon))) {
    name = name.substr(0, colon);
  }
  if (absl::StartsWith(name, "[") && absl::EndsWith(name, "]"))
    name = name.substr(1, name.size() - 2);
  return std::string(name);
}

}  // namespace sluice::jsonschema
