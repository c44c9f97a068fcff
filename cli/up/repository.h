// The Git repository that `sluice up` syncs.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"

namespace sluice::cli {

struct RepositoryToSync {
  std::string url;     // "file:///…" of a folder
  std::string branch;  // without "refs/heads/"
};

// `place` is a URL, or a folder with a repository. An empty `branch` is the repository's own.
// Asks the server; kNotFound if there is no repository, or no branch to take.
absl::StatusOr<RepositoryToSync> FindRepository(const Context& ctx, const std::string& place,
                                                absl::string_view branch);

}  // namespace sluice::cli
