// URLs, read as Go's package net/url reads those of requests: absolute, or a path from the root.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::cel {

struct Url {
  std::string text;
  std::string scheme;  // lower case
  std::string host;    // with the port
  std::string path;    // as written
  std::string query;   // as written, without "?"

  // kInvalidArgument: `parse "x": invalid URI for request`.
  static absl::StatusOr<Url> Parse(absl::string_view text);

  std::string HostName() const;
  std::string Port() const;
  std::string EscapedPath() const;
  // The values of each name, names in order of appearance. What cannot be read is left out.
  std::vector<std::pair<std::string, std::vector<std::string>>> Query() const;
};

}  // namespace sluice::cel
