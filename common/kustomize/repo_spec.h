// Telling remote Git repositories from local paths, as kustomize does.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::kustomize {

struct RepoSpec {
  std::string clone_url;  // what Git would clone
  std::string path;       // of the kustomization inside it, without a leading "/"
  std::string ref;        // of the query, may be empty
};

// Nothing if `text` names no repository: it is a path, or a URL that cannot be one.
std::optional<RepoSpec> ParseRepoSpec(absl::string_view text);

}  // namespace sluice::kustomize
