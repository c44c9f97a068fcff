// URLs taken apart and put together as Go's net/url (1.26) does.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::sprig {

struct UserInfo {
  std::string name;
  std::optional<std::string> password;

  // Escaped, as it stands in a URL.
  std::string Text() const;
};

struct Url {
  std::string scheme;  // lower case
  std::optional<UserInfo> user;
  std::string host;      // with the port
  std::string path;      // decoded
  std::string query;     // as written, without "?"
  std::string fragment;  // decoded
  std::string opaque;    // what follows the scheme, where that is no path

  // kInvalidArgument with net/url's words: `parse "%zz": invalid URL escape "%zz"`.
  static absl::StatusOr<Url> Parse(absl::string_view text);

  // Without the port and the brackets of an IPv6 address.
  std::string HostName() const;
  std::string Text() const;
};

}  // namespace sluice::sprig
