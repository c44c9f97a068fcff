// Formats of hosts, addresses and URLs.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/jsonschema/address.h"
#include "common/jsonschema/formats.h"
#include "common/jsonschema/url.h"
#include "common/text/quote.h"

namespace sluice::jsonschema {
namespace {

bool IsLabelCharacter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

bool IsLocalPartCharacter(char32_t c) {
  return IsLabelCharacter(c) ||
         (c > 0 && c < 0x80 && absl::StrContains(".!#$%&'*+/=?^_`{|}~", static_cast<char>(c)));
}

FormatFault Inside(absl::string_view what, FormatFault fault) {
  if (fault.has_value()) fault = absl::StrCat(what, *fault);
  return fault;
}

FormatFault Message(const absl::Status& status) { return std::string(status.message()); }

// What Go's strconv.Atoi says, nothing if `text` is a number, which is put into `number`.
FormatFault Atoi(absl::string_view text, int64_t& number) {
  const absl::string_view digits =
      !text.empty() && (text[0] == '+' || text[0] == '-') ? text.substr(1) : text;
  const bool syntax =
      !digits.empty() && digits.find_first_not_of("0123456789") == absl::string_view::npos;
  if (syntax && absl::SimpleAtoi(text, &number)) return std::nullopt;
  return absl::StrCat("strconv.Atoi: parsing ", text::Quote(text), ": ",
                      syntax ? "value out of range" : "invalid syntax");
}

FormatFault CheckLocalPart(absl::string_view local) {
  if (local.size() > 64) return "local part more than 64 characters long";
  if (local.size() > 1 && local.front() == '"' && local.back() == '"') {
    const absl::string_view inner = local.substr(1, local.size() - 2);
    if (inner.find_first_of("\\\"") != absl::string_view::npos) {
      return "backslash and quote are not allowed within quoted local part";
    }
    return std::nullopt;
  }
  if (absl::StartsWith(local, ".")) return "starts with dot";
  if (absl::EndsWith(local, ".")) return "ends with dot";
  if (absl::StrContains(local, "..")) return "consecutive dots";
  return FirstRefused(local, IsLocalPartCharacter, "invalid character ");
}

absl::StatusOr<Url> ParseUrl(absl::string_view text) {
  absl::StatusOr<Url> url = Url::Parse(text);
  if (!url.ok()) return url;
  const std::string host = url->Hostname();
  if (absl::StrContains(host, ":")) {
    if (!absl::StrContains(url->host, "[") || !absl::StrContains(url->host, "]")) {
      return absl::InvalidArgumentError("ipv6 address not enclosed in brackets");
    }
    const FormatFault fault = CheckIpv6(host);
    if (fault.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("invalid ipv6 address: ", *fault));
    }
  }
  return url;
}

}  // namespace

FormatFault CheckIpv4(absl::string_view text) {
  const std::vector<absl::string_view> groups = absl::StrSplit(text, '.');
  if (groups.size() != 4) return "expected four decimals";
  for (const absl::string_view group : groups) {
    if (group.size() > 1 && group[0] == '0') return "leading zeros";
    int64_t number = 0;
    FormatFault fault = Atoi(group, number);
    if (fault.has_value()) return fault;
    if (number < 0 || number > 255) return "decimal must be between 0 and 255";
  }
  return std::nullopt;
}

FormatFault CheckIpv6(absl::string_view text) {
  if (!absl::StrContains(text, ":")) return "missing colon";
  const absl::StatusOr<Address> address = ParseAddress(text);
  if (!address.ok()) return Message(address.status());
  if (!address->zone.empty()) return "zone id is not a part of ipv6 address";
  return std::nullopt;
}

FormatFault CheckHostname(absl::string_view text) {
  text = absl::StripSuffix(text, ".");
  if (text.size() > 253) return "more than 253 characters long";
  for (const absl::string_view label : absl::StrSplit(text, '.')) {
    if (label.empty() || label.size() > 63) return "label must be 1 to 63 characters long";
    if (label.front() == '-') return "label starts with hyphen";
    if (label.back() == '-') return "label ends with hyphen";
    FormatFault fault = FirstRefused(label, IsLabelCharacter, "invalid character ");
    if (fault.has_value()) return fault;
  }
  return std::nullopt;
}

FormatFault CheckEmail(absl::string_view text) {
  if (text.size() > 254) return "more than 255 characters long";
  const size_t at = text.rfind('@');
  if (at == absl::string_view::npos) return "missing @";
  FormatFault fault = CheckLocalPart(text.substr(0, at));
  if (fault.has_value()) return fault;
  absl::string_view domain = text.substr(at + 1);
  if (absl::StartsWith(domain, "[") && absl::EndsWith(domain, "]")) {
    domain = domain.substr(1, std::max<size_t>(domain.size(), 2) - 2);
    if (absl::ConsumePrefix(&domain, "IPv6:")) {
      return Inside("invalid ipv6 address: ", CheckIpv6(domain));
    }
    return Inside("invalid ipv4 address: ", CheckIpv4(domain));
  }
  return Inside("invalid domain: ", CheckHostname(domain));
}

FormatFault CheckUri(absl::string_view text) {
  const absl::StatusOr<Url> url = ParseUrl(text);
  if (!url.ok()) return Message(url.status());
  if (!url->IsAbsolute()) return "relative url";
  return std::nullopt;
}

FormatFault CheckUriReference(absl::string_view text) {
  if (absl::StrContains(text, "\\")) return "contains \\";
  const absl::StatusOr<Url> url = ParseUrl(text);
  if (!url.ok()) return Message(url.status());
  return std::nullopt;
}

FormatFault CheckUriTemplate(absl::string_view text) {
  const absl::StatusOr<Url> url = ParseUrl(text);
  if (!url.ok()) return Message(url.status());
  for (const absl::string_view element : absl::StrSplit(url->raw_path, '/')) {
    const absl::StatusOr<std::string> decoded = PathUnescape(element);
    if (!decoded.ok()) {
      return absl::StrCat("percent decode failed: ", decoded.status().message());
    }
    bool open = false;
    for (const char c : *decoded) {
      if (c != '{' && c != '}') continue;
      if ((c == '{') == open) return "nested curly braces";
      open = !open;
    }
    if (open) return "no matching closing brace";
  }
  return std::nullopt;
}

}  // namespace sluice::jsonschema
