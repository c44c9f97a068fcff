// Which tag of a repository an OCIRepository means (spec/source.md §5.2, step 6).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/api/source/oci_repository.h"

namespace sluice::source_controller {

inline constexpr absl::string_view kHelmChartLayer =
    "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

// The tag with the newest version of the range `reference.semver` among those that match
// `reference.semver_filter`. Of tags that say equal versions it is the last in the order of bytes.
// With `helm_tags`, "_" in a tag stands for the "+" that no tag can have.
//
// kInvalidArgument for a range or filter that is none; kNotFound, worded as in Flux, if nothing
// matches.
absl::StatusOr<std::string> NewestTag(const std::vector<std::string>& tags,
                                      const api::OciReference& reference, bool helm_tags);

}  // namespace sluice::source_controller
