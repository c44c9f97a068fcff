// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_chart/remote_build.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/helm/archive_files.h"
#include "common/helm/package.h"
#include "services/source-controller/helm_chart/values.h"

namespace sluice::source_controller {
namespace {

absl::StatusOr<std::vector<helm::ChartFile>> FilesOf(absl::string_view archive,
                                                     const ChartBuildOptions& options) {
  helm::LoadOptions load;
  load.limits = options.limits;
  helm::LoadBudget budget(load.limits);
  return helm::ReadArchiveFiles(archive, load, budget);
}

// Values files are looked for in the chart: its own defaults, or files that are no templates.
absl::StatusOr<std::optional<std::string>> ValuesIn(const std::vector<helm::ChartFile>& files,
                                                    const std::string& path) {
  const auto clean = fs::CleanPath(path);
  if (!clean.ok()) return std::nullopt;
  for (const helm::ChartFile& file : files) {
    if (file.name == *clean && !absl::StartsWith(file.name, "templates/")) return file.data;
  }
  // A chart without defaults has empty ones.
  if (*clean == "values.yaml") return std::string();
  return std::nullopt;
}

}  // namespace

absl::Status CheckRemoteChartName(const std::string& name) {
  // Groups of letters and digits, each with "/" and "." behind it, at most one of each.
  size_t i = 0;
  bool valid = !name.empty();
  while (valid && i < name.size()) {
    const size_t begin = i;
    while (i < name.size() &&
           (absl::ascii_islower(static_cast<unsigned char>(name[i])) ||
            absl::ascii_isdigit(static_cast<unsigned char>(name[i])) || name[i] == '-')) {
      ++i;
    }
    valid = i > begin;
    if (i < name.size() && name[i] == '/') ++i;
    if (i < name.size() && name[i] == '.') ++i;
  }
  if (valid) return absl::OkStatus();
  return ChartError(ChartFailure::kReference,
                    absl::InvalidArgumentError(absl::StrCat(
                        "invalid chart name '", name,
                        "': a valid name must be lower case letters and numbers and MAY be "
                        "separated with dashes (-), slashes (/) or periods (.)")));
}

absl::Status BuildRemoteChart(const Context& ctx, ChartRepository& repository,
                              const std::string& chart, const std::string& version,
                              const ChartBuildOptions& options, ChartBuild& build) {
  RETURN_IF_ERROR(CheckRemoteChartName(chart));
  ASSIGN_OR_RETURN(const helm_repository::ChartVersion chosen,
                   repository.Choose(ctx, chart, version));
  bool verified = false;
  if (options.verify.has_value()) {
    const auto verdict = repository.Verify(ctx, chart, chosen, *options.verify);
    if (!verdict.ok()) return ChartError(ChartFailure::kVerification, verdict.status());
    verified = *verdict == Verdict::kVerified;
  }
  ChartBuild result;
  result.verified = verified;
  // A repository may keep charts in folders; their names are without them.
  result.name = std::string(fs::BaseName(chart));
  ASSIGN_OR_RETURN(result.version, WithBuildMetadata(chosen.version, options.version_metadata));
  result.packaged = options.needs_packaging();
  if (UseStored(options, result)) {
    build = std::move(result);
    return absl::OkStatus();
  }
  auto archive = repository.Download(ctx, chart, chosen);
  if (!archive.ok()) {
    return ChartError(ChartFailure::kPull,
                      Annotate(archive.status(), "failed to download chart for remote reference"));
  }
  auto files = FilesOf(*archive, options);
  auto metadata = files.ok() ? MetadataOf(*files) : files.status();
  if (!options.needs_packaging()) {
    if (!metadata.ok()) {
      return ChartError(
          ChartFailure::kPull,
          Annotate(metadata.status(), "failed to validate metadata of written chart"));
    }
    build = std::move(result);
    build.package = *std::move(archive);
    return absl::OkStatus();
  }
  build.name = result.name;
  build.version = result.version;
  if (!metadata.ok()) {
    return ChartError(ChartFailure::kPackage,
                      Annotate(metadata.status(), "failed to load downloaded chart"));
  }
  metadata->version = result.version;
  const auto merged = MergeValues(
      options.values_files, options.ignore_missing_values_files,
      [&](const std::string& path) { return ValuesIn(*files, path); },
      [](const std::string& path) {
        return absl::StrCat("no values file found at path '", path, "'");
      });
  if (!merged.ok()) {
    return ChartError(ChartFailure::kValues,
                      Annotate(merged.status(), "failed to merge chart values"));
  }
  const auto replaced = ReplaceValues(merged->values, *files);
  if (!replaced.ok()) return ChartError(ChartFailure::kValues, replaced.status());
  if (*replaced) result.values_files = merged->files;
  auto package = helm::Package(*metadata, *files, absl::UnixEpoch());
  if (!package.ok()) return ChartError(ChartFailure::kPackage, package.status());
  build = std::move(result);
  build.package = *std::move(package);
  return absl::OkStatus();
}

}  // namespace sluice::source_controller
