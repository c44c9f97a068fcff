// What building a chart comes to (spec/source.md §4.4 to §4.7).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/api/source/oci_repository.h"
#include "common/helm/loader.h"
#include "common/helm/metadata.h"

namespace sluice::source_controller {

struct ChartBuild {
  std::string name;
  std::string version;
  bool is_stored = false;  // the stored artifact is what would be built
  bool packaged = false;   // by us, not as it came
  std::vector<std::string> values_files;
  size_t resolved_dependencies = 0;
  bool verified = false;  // signed as the spec asks for
  std::string package;    // the archive, unless it is stored

  bool known() const { return !name.empty() && !version.empty(); }
  bool complete() const { return known() && (is_stored || !package.empty()); }
  // "pulled 'web' chart with version '1.0.0'"
  std::string Summary() const;
  // "ChartPullSucceeded", "ChartPackageSucceeded"
  absl::string_view Reason() const;
};

// How a chart is to be built.
struct ChartBuildOptions {
  std::vector<std::string> values_files;
  bool custom_values = false;  // they are more than the chart's defaults
  bool ignore_missing_values_files = false;
  std::string version_metadata;  // build metadata of the version; "" to leave the chart's
  // Of the stored chart, if it may be used again.
  std::optional<helm::Metadata> stored;
  std::optional<std::vector<std::string>> stored_values_files;
  helm::LoadLimits limits;
  std::optional<api::OciVerification> verify;
  size_t max_package = 10 << 20;  // bytes of a chart's archive

  bool needs_packaging() const { return custom_values || !version_metadata.empty(); }
};

// Why a chart could not be built. Travels as the reason of the error (api/meta/reason.h).
struct ChartFailure {
  static constexpr char kReference[] = "InvalidChartReference";
  static constexpr char kPull[] = "ChartPullError";
  static constexpr char kMetadata[] = "MetadataPatchError";
  static constexpr char kValues[] = "ValuesFilesError";
  static constexpr char kDependency[] = "DependencyBuildError";
  static constexpr char kVerification[] = "ChartVerificationError";
  static constexpr char kPackage[] = "ChartPackageError";
  static constexpr char kUnknown[] = "Unknown";
};
// `error` with `failure` as its reason, its words before the message ("chart pull error: …").
absl::Status ChartError(absl::string_view failure, const absl::Status& error);
// Whether only another spec or source helps.
bool IsPersistent(absl::string_view failure);
// Whether the chart was there, so that it is BuildFailed rather than FetchFailed.
bool IsBuildFailure(absl::string_view failure);

// `version` with `metadata` in place of its build metadata, in full; kMetadata otherwise.
absl::StatusOr<std::string> WithBuildMetadata(const std::string& version,
                                              const std::string& metadata);

// Makes `build` the stored chart if that has its name and version.
bool UseStored(const ChartBuildOptions& options, ChartBuild& build);

// Chart.yaml among `files`, read and checked. kInvalidArgument in Helm's words.
absl::StatusOr<helm::Metadata> MetadataOf(const std::vector<helm::ChartFile>& files);

}  // namespace sluice::source_controller
