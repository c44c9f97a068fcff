// HTTP requests and responses as both sides see them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::http {

// In the order sent; names compare without regard to case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  void Add(absl::string_view name, absl::string_view value);
  // Replaces all fields of that name.
  void Set(absl::string_view name, absl::string_view value);
  // Removes all fields of that name.
  void Remove(absl::string_view name);
  // The first field of that name, or "".
  absl::string_view Get(absl::string_view name) const;
  bool Has(absl::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  std::string method = "GET";
  std::string url;  // client: absolute; server: path and query as received
  Headers headers;
  std::string body;
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

// Percent-encoding of one path segment or query value (RFC 3986 unreserved characters stay, a blank
// becomes %20).
std::string EscapePathSegment(absl::string_view text);
std::string EscapeQuery(absl::string_view text);
// Decodes %XX (and "+" as a blank when `plus_is_blank`); broken escapes stay as written.
std::string Unescape(absl::string_view text, bool plus_is_blank);

// scheme://[userinfo@]host[:port]/path?query#fragment, cut apart, nothing decoded.
struct Url {
  std::string scheme;    // lower case
  std::string userinfo;  // never in messages
  std::string host;      // IPv6 without brackets
  int port = 0;          // 0 when the URL names none
  std::string path;      // with its leading "/", or ""
  std::string query;     // without "?"

  // "scheme://host[:port]", without user info; the port only when the URL names one.
  std::string Origin() const;
  // The whole URL without user info, fit for messages.
  std::string Redacted() const;
  // kInvalidArgument quoting `text` (redacted).
  static absl::StatusOr<Url> Parse(absl::string_view text);
};

}  // namespace sluice::http
