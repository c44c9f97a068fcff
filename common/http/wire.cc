// SPDX-License-Identifier: Apache-2.0
#include "common/http/wire.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace sluice::http {
namespace {

absl::Status Malformed(absl::string_view what, absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("malformed HTTP ", what, " \"", absl::CEscape(text.substr(0, 80)), "\""));
}

bool IsTokenCharacter(char c) {
  return absl::ascii_isalnum(c) || absl::StrContains("!#$%&'*+-.^_`|~", c);
}

bool IsToken(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenCharacter);
}

// Cuts the next line off `rest`, without its CRLF or LF.
absl::string_view TakeLine(absl::string_view& rest) {
  const size_t end = rest.find('\n');
  absl::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == absl::string_view::npos ? rest.size() : end + 1);
  if (absl::EndsWith(line, "\r")) line.remove_suffix(1);
  return line;
}

// "HTTP/1.0" or "HTTP/1.1" as 0 or 1.
std::optional<int> MinorVersion(absl::string_view text) {
  if (text == "HTTP/1.1") return 1;
  if (text == "HTTP/1.0") return 0;
  return std::nullopt;
}

absl::StatusOr<Headers> ParseFields(absl::string_view rest) {
  Headers headers;
  while (!rest.empty()) {
    const absl::string_view line = TakeLine(rest);
    const size_t colon = line.find(':');
    if (colon == absl::string_view::npos || !IsToken(line.substr(0, colon))) {
      return Malformed("header line", line);
    }
    const absl::string_view value = absl::StripAsciiWhitespace(line.substr(colon + 1));
    if (value.find_first_of(absl::string_view("\0\r", 2)) != absl::string_view::npos) {
      return Malformed("header line", line.substr(0, colon));
    }
    if (headers.fields().size() == kMaxFields) {
      return absl::InvalidArgumentError(
          absl::StrCat("HTTP message with more than ", kMaxFields, " header fields"));
    }
    headers.Add(line.substr(0, colon), value);
  }
  return headers;
}

// Whether the comma separated list in the fields `name` holds `token`.
bool ListHolds(const Headers& headers, absl::string_view name, absl::string_view token) {
  for (const auto& [key, value] : headers.fields()) {
    if (!absl::EqualsIgnoreCase(key, name)) continue;
    for (absl::string_view element : absl::StrSplit(value, ',')) {
      if (absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(element), token)) return true;
    }
  }
  return false;
}

// The body's framing as the fields tell it; nothing if they are silent.
absl::StatusOr<std::optional<Framing>> FieldFraming(const Headers& headers) {
  std::optional<Framing> framing;
  for (const auto& [key, value] : headers.fields()) {
    if (absl::EqualsIgnoreCase(key, "Transfer-Encoding")) {
      if (framing.has_value() || !absl::EqualsIgnoreCase(value, "chunked")) {
        return Malformed("Transfer-Encoding", value);
      }
      framing = Framing{Framing::Kind::kChunked, 0};
    } else if (absl::EqualsIgnoreCase(key, "Content-Length")) {
      Framing stated{Framing::Kind::kLength, 0};
      if (value.empty() || value.find_first_not_of("0123456789") != std::string::npos ||
          !absl::SimpleAtoi(value, &stated.length)) {
        return Malformed("Content-Length", value);
      }
      if (framing.has_value() &&
          (framing->kind != stated.kind || framing->length != stated.length)) {
        return Malformed("Content-Length", value);
      }
      framing = stated;
    }
  }
  return framing;
}

// RFC 9112, 3.2, but for what CONNECT asks for.
bool IsTarget(absl::string_view text) {
  return absl::StartsWith(text, "/") || text == "*" || Url::Parse(text).ok();
}

}  // namespace

absl::StatusOr<RequestHead> ParseRequestHead(absl::string_view head) {
  absl::string_view rest = head;
  const absl::string_view line = TakeLine(rest);
  const std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
  const std::optional<int> version = parts.size() == 3 ? MinorVersion(parts[2]) : std::nullopt;
  if (!version.has_value() || !IsToken(parts[0]) || !IsTarget(parts[1]) ||
      !std::all_of(parts[1].begin(), parts[1].end(),
                   [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; })) {
    return Malformed("request line", line);
  }
  RequestHead request;
  request.method = std::string(parts[0]);
  request.target = std::string(parts[1]);
  request.minor_version = *version;
  ASSIGN_OR_RETURN(request.headers, ParseFields(rest));
  return request;
}

absl::StatusOr<ResponseHead> ParseResponseHead(absl::string_view head) {
  absl::string_view rest = head;
  const absl::string_view line = TakeLine(rest);
  const std::vector<absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(' ', 2));
  const std::optional<int> version = parts.size() >= 2 ? MinorVersion(parts[0]) : std::nullopt;
  ResponseHead response;
  if (!version.has_value() || parts[1].size() != 3 ||
      parts[1].find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(parts[1], &response.status) || response.status < 100) {
    return Malformed("response", line);
  }
  response.minor_version = *version;
  ASSIGN_OR_RETURN(response.headers, ParseFields(rest));
  return response;
}

absl::StatusOr<Framing> RequestFraming(const Headers& headers) {
  ASSIGN_OR_RETURN(const std::optional<Framing> framing, FieldFraming(headers));
  return framing.value_or(Framing{});
}

absl::StatusOr<Framing> ResponseFraming(absl::string_view method, const ResponseHead& head) {
  if (method == "HEAD" || head.status < 200 || head.status == 204 || head.status == 304) {
    return Framing{};
  }
  ASSIGN_OR_RETURN(const std::optional<Framing> framing, FieldFraming(head.headers));
  return framing.value_or(Framing{Framing::Kind::kUntilClose, 0});
}

bool KeepsAlive(int minor_version, const Headers& headers) {
  if (ListHolds(headers, "Connection", "close")) return false;
  return minor_version >= 1 || ListHolds(headers, "Connection", "keep-alive");
}

absl::Status CheckSendable(absl::string_view method, const Headers& headers) {
  if (!IsToken(method)) return Malformed("method", method);
  for (const auto& [name, value] : headers.fields()) {
    if (!IsToken(name)) return Malformed("header name", name);
    // The value may be a credential: it is not quoted.
    if (absl::string_view(value).find_first_of(absl::string_view("\0\r\n", 3)) !=
        absl::string_view::npos) {
      return absl::InvalidArgumentError(absl::StrCat("line break in HTTP header ", name));
    }
  }
  return absl::OkStatus();
}

void AppendField(std::string& head, absl::string_view name, absl::string_view value) {
  absl::StrAppend(&head, name, ": ");
  const size_t begin = head.size();
  absl::StrAppend(&head, value);
  std::replace_if(
      head.begin() + static_cast<std::ptrdiff_t>(begin), head.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  absl::StrAppend(&head, "\r\n");
}

absl::string_view StatusText(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Request Entity Too Large";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Requested Range Not Satisfiable";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

}  // namespace sluice::http
