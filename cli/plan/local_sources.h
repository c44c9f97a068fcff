// `--local-sources`: folders that stand for sources which are elsewhere.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace sluice::plan {

// Folders by "Kind/namespace/name", from words "Kind/namespace/name=folder"; kInvalidArgument for
// any other.
absl::StatusOr<std::map<std::string, std::string>> ParseLocalSources(
    const std::vector<std::string>& words);

}  // namespace sluice::plan
