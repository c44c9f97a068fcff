// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_chart/build.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/semver/version.h"

namespace sluice::source_controller {
namespace {

constexpr helm::Dialect kDialect = helm::Dialect::kHelm4;

struct FailureWords {
  const char* failure;
  const char* words;
  bool persistent;
  bool build;
};
constexpr FailureWords kFailures[] = {
    {ChartFailure::kReference, "invalid chart reference", true, false},
    {ChartFailure::kPull, "chart pull error", false, false},
    {ChartFailure::kMetadata, "chart metadata patch error", true, true},
    {ChartFailure::kValues, "values files merge error", true, true},
    {ChartFailure::kDependency, "dependency build error", false, true},
    {ChartFailure::kVerification, "chart verification error", false, true},
    {ChartFailure::kPackage, "chart package error", false, true},
    {ChartFailure::kUnknown, "unknown build error", false, false},
};

const FailureWords& Words(absl::string_view failure) {
  for (const FailureWords& words : kFailures) {
    if (words.failure == failure) return words;
  }
  return std::end(kFailures)[-1];
}

}  // namespace

std::string ChartBuild::Summary() const {
  if (!known()) return "no chart build";
  const char* action = !complete() ? "new" : packaged ? "packaged" : "pulled";
  std::string summary = absl::StrCat(action, " '", name, "' chart with version '", version, "'");
  if (!values_files.empty()) {
    absl::StrAppend(&summary, " and merged values files [", absl::StrJoin(values_files, " "), "]");
  }
  return summary;
}

absl::string_view ChartBuild::Reason() const {
  return packaged ? "ChartPackageSucceeded" : "ChartPullSucceeded";
}

absl::Status ChartError(absl::string_view failure, const absl::Status& error) {
  return api::WithReason(Annotate(error, Words(failure).words), failure);
}

bool IsPersistent(absl::string_view failure) { return Words(failure).persistent; }
bool IsBuildFailure(absl::string_view failure) { return Words(failure).build; }

absl::StatusOr<std::string> WithBuildMetadata(const std::string& version,
                                              const std::string& metadata) {
  if (metadata.empty()) return version;
  const auto parsed = semver::Version::Parse(version);
  if (!parsed.ok()) return ChartError(ChartFailure::kMetadata, parsed.status());
  const auto patched = parsed->WithMetadata(metadata);
  if (!patched.ok()) return ChartError(ChartFailure::kMetadata, patched.status());
  return patched->Canonical();
}

bool UseStored(const ChartBuildOptions& options, ChartBuild& build) {
  if (!options.stored.has_value() || options.stored->name != build.name ||
      options.stored->version != build.version) {
    return false;
  }
  build.is_stored = true;
  if (options.stored_values_files.has_value()) {
    build.values_files = *options.stored_values_files;
  } else if (options.custom_values) {
    build.values_files = options.values_files;
  }
  return true;
}

absl::StatusOr<helm::Metadata> MetadataOf(const std::vector<helm::ChartFile>& files) {
  helm::Metadata metadata;
  bool found = false;
  for (const helm::ChartFile& file : files) {
    if (file.name != "Chart.yaml") continue;
    RETURN_IF_ERROR(helm::ReadMetadata(file.data, kDialect, metadata));
    found = true;
  }
  if (!found) return absl::InvalidArgumentError("Chart.yaml file is missing");
  if (metadata.api_version.empty()) metadata.api_version = "v1";
  for (const helm::ChartFile& file : files) {
    if (file.name == "requirements.yaml" && metadata.api_version == "v1") {
      RETURN_IF_ERROR(helm::ReadMetadata(file.data, kDialect, metadata));
    }
  }
  RETURN_IF_ERROR(helm::ValidateMetadata(metadata));
  return metadata;
}

}  // namespace sluice::source_controller
