// The kinds of sources, and how the conditions of each add up (spec/source.md §7.5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "absl/strings/string_view.h"
#include "common/api/meta/condition.h"

namespace sluice::source_controller {

inline constexpr char kArtifactInStorage[] = "ArtifactInStorage";
inline constexpr char kArtifactOutdated[] = "ArtifactOutdated";
inline constexpr char kBuildFailed[] = "BuildFailed";
inline constexpr char kFetchFailed[] = "FetchFailed";
inline constexpr char kIncludeUnavailable[] = "IncludeUnavailable";
inline constexpr char kSourceVerified[] = "SourceVerified";
inline constexpr char kStorageOperationFailed[] = "StorageOperationFailed";

struct SourceKind {
  const char* name;
  // The condition types, the first of the worst group is Ready's.
  std::span<const absl::string_view> order;
  // Those that are ours to write, in other words `order` and Ready.
  std::span<const absl::string_view> owned;
  // Those whose end is worth an event.
  std::span<const absl::string_view> failures;

  api::SummaryRule summary() const {
    static constexpr absl::string_view kPositive[] = {kArtifactInStorage, kSourceVerified};
    return {order, kPositive};
  }
};

namespace internal {

inline constexpr absl::string_view kGitRepositoryOwned[] = {
    "Ready",           kStorageOperationFailed, kFetchFailed,    kIncludeUnavailable,
    kArtifactOutdated, kArtifactInStorage,      kSourceVerified, "Stalled",
    "Reconciling"};
inline constexpr absl::string_view kOciRepositoryOwned[] = {"Ready",
                                                            kStorageOperationFailed,
                                                            kFetchFailed,
                                                            kArtifactOutdated,
                                                            kArtifactInStorage,
                                                            kSourceVerified,
                                                            "Stalled",
                                                            "Reconciling"};
inline constexpr absl::string_view kPlainOwned[] = {
    "Ready",           kStorageOperationFailed, kFetchFailed,
    kArtifactOutdated, kArtifactInStorage,      "Stalled",
    "Reconciling"};
inline constexpr absl::string_view kHelmChartOwned[] = {
    "Ready",           kStorageOperationFailed, kFetchFailed,    kBuildFailed,
    kArtifactOutdated, kArtifactInStorage,      kSourceVerified, "Stalled",
    "Reconciling"};

inline constexpr absl::string_view kGitRepositoryFailures[] = {kFetchFailed, kIncludeUnavailable,
                                                               kStorageOperationFailed};
inline constexpr absl::string_view kPlainFailures[] = {kFetchFailed, kStorageOperationFailed};
inline constexpr absl::string_view kHelmChartFailures[] = {kBuildFailed, kFetchFailed,
                                                           kStorageOperationFailed};

template <size_t N>
constexpr SourceKind Kind(const char* name, const absl::string_view (&owned)[N],
                          std::span<const absl::string_view> failures) {
  return {name, std::span(owned).subspan(1), owned, failures};
}

}  // namespace internal

inline constexpr SourceKind kGitRepository = internal::Kind(
    "GitRepository", internal::kGitRepositoryOwned, internal::kGitRepositoryFailures);
inline constexpr SourceKind kOciRepository =
    internal::Kind("OCIRepository", internal::kOciRepositoryOwned, internal::kPlainFailures);
inline constexpr SourceKind kBucket =
    internal::Kind("Bucket", internal::kPlainOwned, internal::kPlainFailures);
inline constexpr SourceKind kHelmRepository =
    internal::Kind("HelmRepository", internal::kPlainOwned, internal::kPlainFailures);
inline constexpr SourceKind kHelmChart =
    internal::Kind("HelmChart", internal::kHelmChartOwned, internal::kHelmChartFailures);

}  // namespace sluice::source_controller
