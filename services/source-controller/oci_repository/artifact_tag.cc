// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/oci_repository/artifact_tag.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"
#include "common/semver/constraint.h"
#include "common/semver/version.h"
#include "common/text/regexp.h"

namespace sluice::source_controller {

absl::StatusOr<std::string> NewestTag(const std::vector<std::string>& tags,
                                      const api::OciReference& reference, bool helm_tags) {
  ASSIGN_OR_RETURN(const semver::Constraint range, semver::Constraint::Parse(reference.semver));
  std::optional<text::Regexp> filter;
  if (!reference.semver_filter.empty()) {
    ASSIGN_OR_RETURN(filter, text::Regexp::Compile(reference.semver_filter));
  }
  const std::string* newest = nullptr;
  semver::Version newest_version;
  for (const std::string& tag : tags) {
    if (filter.has_value() && !filter->MatchesIn(tag)) continue;
    const auto version =
        semver::Version::ParseTag(helm_tags ? absl::StrReplaceAll(tag, {{"_", "+"}}) : tag);
    if (!version.ok() || !range.Matches(*version)) continue;
    if (newest == nullptr || *version > newest_version ||
        (*version == newest_version && tag > *newest)) {
      newest = &tag;
      newest_version = *version;
    }
  }
  if (newest == nullptr) {
    return absl::NotFoundError(absl::StrCat("no match found for semver: ", reference.semver));
  }
  return *newest;
}

}  // namespace sluice::source_controller
