// Submodules: what .gitmodules says, and where their repositories are.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::git {

struct Submodule {
  std::string name;
  std::string path;  // clean
  std::string url;   // as written
};

// The submodules of a .gitmodules file that have a path and a URL, in order. kInvalidArgument for
// what is no Git configuration, a path that leaves the repository, or more than 256 of them.
absl::StatusOr<std::vector<Submodule>> ParseGitmodules(absl::string_view text);

// The URL of a submodule of the repository at `parent`: "./x" and "../x" are relative to it,
// "git@host:path" becomes ssh://, others stay. kInvalidArgument if it leads above the host.
absl::StatusOr<std::string> ResolveSubmoduleUrl(absl::string_view parent, absl::string_view url);

}  // namespace sluice::git
