// The condition types of a GitRepository and how they add up (spec/source.md §7.5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "common/api/meta/condition.h"

namespace sluice::source_controller {

inline constexpr char kArtifactInStorage[] = "ArtifactInStorage";
inline constexpr char kArtifactOutdated[] = "ArtifactOutdated";
inline constexpr char kFetchFailed[] = "FetchFailed";
inline constexpr char kIncludeUnavailable[] = "IncludeUnavailable";
inline constexpr char kSourceVerified[] = "SourceVerified";
inline constexpr char kStorageOperationFailed[] = "StorageOperationFailed";

inline constexpr absl::string_view kGitRepositoryConditions[] = {
    kStorageOperationFailed, kFetchFailed,    kIncludeUnavailable, kArtifactOutdated,
    kArtifactInStorage,      kSourceVerified, "Stalled",           "Reconciling"};
inline constexpr absl::string_view kPositiveConditions[] = {kArtifactInStorage, kSourceVerified};
inline constexpr absl::string_view kOwnedConditions[] = {
    kStorageOperationFailed, kFetchFailed,    kIncludeUnavailable, kArtifactOutdated, "Ready",
    kArtifactInStorage,      kSourceVerified, "Stalled",           "Reconciling"};

inline constexpr api::SummaryRule kGitRepositorySummary = {kGitRepositoryConditions,
                                                           kPositiveConditions};

}  // namespace sluice::source_controller
