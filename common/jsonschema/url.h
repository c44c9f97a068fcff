// URLs as Go's package net/url (1.26) reads, joins and prints them: the identity of schemas, and
// what the formats "uri" and "uri-reference" admit.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::jsonschema {

struct Url {
  // url.Parse. kInvalidArgument with its text: `parse "::": missing protocol scheme`.
  static absl::StatusOr<Url> Parse(absl::string_view text);

  // `reference` as seen from here. Of an opaque base (urn:a:b) everything but the fragment stays.
  Url Resolve(const Url& reference) const;
  // Without the fragment.
  std::string String() const;
  bool IsAbsolute() const { return !scheme.empty(); }
  // The host without port and brackets.
  std::string Hostname() const;
  std::string EscapedPath() const;

  std::string scheme;
  std::string opaque;
  std::optional<std::string> user;  // escaped, with the password
  std::string host;                 // unescaped, with the port
  std::string path;                 // unescaped
  std::string raw_path;             // only if it is not how `path` would be escaped
  std::string query;
  bool force_query = false;  // an empty query is there
  bool omit_host = false;    // "file:/x"

 private:
  absl::Status ParseReference(absl::string_view text);
  absl::Status ParseAuthority(absl::string_view authority);
  absl::Status ParseHost(absl::string_view text);
  absl::Status SetPath(absl::string_view escaped);
};

// The text before and after the first '#', the latter as it is written.
std::pair<absl::string_view, absl::string_view> SplitFragment(absl::string_view text);

// url.PathUnescape. kInvalidArgument: `invalid URL escape "%zz"`.
absl::StatusOr<std::string> PathUnescape(absl::string_view text);
// url.PathEscape of everything between slashes.
std::string EscapePointer(absl::string_view pointer);

}  // namespace sluice::jsonschema
