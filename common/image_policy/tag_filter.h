// spec.filterTags of an ImagePolicy: which tags count, and what of them is compared.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace sluice::image_policy {

struct TagFilterRules {
  std::string pattern;  // RE2, matches anywhere in a tag
  std::string extract;  // what is compared, with $1 or $name in it; "": the tag
};

// Parallel lists: `values[i]` was made of the tag `tags[i]`.
struct FilteredTags {
  std::vector<std::string> values;
  std::vector<std::string> tags;
};

// The tags that match, in their order. Of tags with the same value only the last is left, in the
// place of the first. kInvalidArgument in Go's words for a pattern that does not compile.
absl::StatusOr<FilteredTags> FilterTags(const TagFilterRules& rules,
                                        std::span<const std::string> tags);

}  // namespace sluice::image_policy
