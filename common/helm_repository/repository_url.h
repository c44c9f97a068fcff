// URLs of Helm repositories and of the charts in them (spec/source.md §4.1, §4.5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::helm_repository {

// Two URLs of one repository become equal: http and https with exactly one slash at the path's end,
// oci with none; escapes and the query stay. "" stays "". kInvalidArgument if it is no URL.
absl::StatusOr<std::string> NormalizeUrl(absl::string_view url);

// The URL of index.yaml: the path has it added, the query stays.
absl::StatusOr<std::string> IndexUrl(absl::string_view repository);

// The URL of a chart that the index calls `reference`, which may be relative to the repository's;
// such a one gets the repository's query.
absl::StatusOr<std::string> ChartUrl(absl::string_view repository, absl::string_view reference);

}  // namespace sluice::helm_repository
