// How `sluice template` gives out what was rendered.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/helm/release.h"

namespace sluice::cli {

// --show-only: of the printed templates those whose path in the chart matches one of the patterns,
// in the order of the patterns. An error if one matches none.
absl::StatusOr<std::string> ShowOnly(absl::string_view printed,
                                     const std::vector<std::string>& patterns,
                                     helm::Dialect dialect);

// --output-dir: each template to a file of its own below `directory`, and manifests below
// `directory`/`release_name` if that is not empty. Returns what is to be printed.
absl::StatusOr<std::string> WriteFiles(const helm::RenderedRelease& release,
                                       const std::string& directory,
                                       const std::string& release_name, bool hooks, bool tests);

}  // namespace sluice::cli
