// What a scan makes of the tags that a registry lists, and when one is due.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/api/image/image_repository.h"

namespace sluice::image_controller {

// `tags` without those that one of the expressions matches somewhere, each once, in descending
// order of bytes. kInvalidArgument, naming it, for an expression that does not compile.
absl::StatusOr<std::vector<std::string>> Wanted(std::vector<std::string> tags,
                                                std::span<const std::string> exclusions);

// The most that status.lastScanResult.latestTags shows.
inline constexpr size_t kLatestTags = 10;

// What is known when it is decided.
struct ScanState {
  bool requested = false;  // by annotation
  bool failed = false;     // the last run, be it one that was requested
  std::string canonical_name;
  absl::string_view stored_revision;  // "" if no tags are stored
  absl::Time now;
};

struct ScanDecision {
  absl::string_view reason;  // "" for no scan
  bool lost = false;         // the stored tags are not those of the last scan
  absl::Duration next;       // until the next run
};

ScanDecision DecideScan(const api::ImageRepositorySpec& spec,
                        const api::ImageRepositoryStatus& status, const ScanState& state);

}  // namespace sluice::image_controller
