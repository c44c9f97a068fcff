// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_repository/tag_list.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/text/regexp.h"

namespace sluice::image_controller {
namespace {

// Each of one is in the other; how often does not matter (Flux's comparison).
bool SameContent(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&b](const std::string& item) {
           return std::find(b.begin(), b.end(), item) != b.end();
         });
}

}  // namespace

absl::StatusOr<std::vector<std::string>> Wanted(std::vector<std::string> tags,
                                                std::span<const std::string> exclusions) {
  for (const std::string& exclusion : exclusions) {
    const auto expression = text::Regexp::Compile(exclusion);
    if (!expression.ok()) {
      return Annotate(expression.status(), absl::StrCat("failed to compile regex ", exclusion));
    }
    std::erase_if(tags, [&](const std::string& tag) { return expression->MatchesIn(tag); });
  }
  std::sort(tags.begin(), tags.end(), std::greater<>());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

ScanDecision DecideScan(const api::ImageRepositorySpec& spec,
                        const api::ImageRepositoryStatus& status, const ScanState& state) {
  const auto scan = [&](absl::string_view reason, bool lost = false) {
    return ScanDecision{reason, lost, spec.interval};
  };
  if (!status.last_scan_result.has_value()) return scan("first scan");
  if (state.requested) return scan("reconcile requested");
  if (state.failed) return scan("last run failed");
  if (state.canonical_name != status.canonical_image_name) return scan("new image name");
  if (!SameContent(spec.exclusion_list, status.observed_exclusion_list)) {
    return scan("updated exclusion list");
  }
  if (state.stored_revision.empty()) return scan("no tags in database", /*lost=*/true);
  if (state.stored_revision != status.last_scan_result->revision) {
    return scan("tags in database are not those of the last scan", /*lost=*/true);
  }
  const absl::Duration left = spec.interval - (state.now - status.last_scan_result->scan_time);
  // A last scan that is still to come was before the clock was set back.
  if (left < absl::Seconds(1) || left > spec.interval) return scan("triggered by interval");
  return {"", false, left};
}

}  // namespace sluice::image_controller
