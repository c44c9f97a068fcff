// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_chart/local_build.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/subtree.h"
#include "common/helm/archive_files.h"
#include "common/helm/package.h"
#include "common/helm/tree_files.h"
#include "services/source-controller/helm_chart/values.h"

namespace sluice::source_controller {
namespace {

using Files = std::vector<helm::ChartFile>;

// A chart as it is in the source.
struct LocalChart {
  std::string path;
  bool folder = false;
  std::string archive;  // unless it is a folder
  Files files;          // of an archive all, of a folder those that tell what the chart is
};

absl::StatusOr<LocalChart> Find(const fs::Tree& source, const std::string& chart,
                                const ChartBuildOptions& options) {
  if (absl::StartsWith(chart, "/")) {
    return absl::InvalidArgumentError("absolute chart path not allowed");
  }
  LocalChart found;
  ASSIGN_OR_RETURN(found.path, fs::SecureJoin("", chart));
  ASSIGN_OR_RETURN(const fs::Entry entry, source.Stat(found.path));
  found.folder = entry.type == fs::EntryType::kDirectory;
  if (found.folder) {
    for (const char* name : {"Chart.yaml", "requirements.yaml"}) {
      auto text = source.Read(found.path.empty() ? name : absl::StrCat(found.path, "/", name),
                              options.limits.file_bytes);
      if (text.ok()) {
        found.files.push_back({name, *std::move(text)});
      } else if (name == absl::string_view("Chart.yaml")) {
        return text.status();
      }
    }
    return found;
  }
  ASSIGN_OR_RETURN(found.archive, source.Read(found.path, options.max_package));
  helm::LoadOptions load;
  load.limits = options.limits;
  helm::LoadBudget budget(load.limits);
  ASSIGN_OR_RETURN(found.files, helm::ReadArchiveFiles(found.archive, load, budget));
  return found;
}

absl::StatusOr<Files> FolderFiles(const fs::Tree& source, const std::string& path,
                                  const helm::LoadOptions& options) {
  ASSIGN_OR_RETURN(const fs::Subtree folder, fs::Subtree::Create(source, path));
  return helm::ReadTreeFiles(folder, options);
}

// Values files are looked for in the source, beyond which no path leads.
absl::StatusOr<std::optional<std::string>> ValuesIn(const fs::Tree& source, const std::string& path,
                                                    size_t limit) {
  ASSIGN_OR_RETURN(const std::string place, fs::SecureJoin("", path));
  const auto entry = source.Stat(place);
  if (!entry.ok()) return std::nullopt;
  if (entry->type != fs::EntryType::kFile) {
    return absl::FailedPreconditionError(
        absl::StrCat("no values file found at path '/", place, "' (reference '", path, "')"));
  }
  ASSIGN_OR_RETURN(std::string text, source.Read(place, limit));
  return text;
}

std::string MissingValues(const std::string& path) {
  return absl::StrCat("no values file found at path '/", fs::SecureJoin("", path).value_or(path),
                      "' (reference '", path, "')");
}

}  // namespace

absl::Status BuildLocalChart(const Context& ctx, const fs::Tree& source, const std::string& chart,
                             const FindRepository& find, const ChartBuildOptions& options,
                             ChartBuild& build) {
  auto found = Find(source, chart, options);
  auto metadata = found.ok() ? MetadataOf(found->files) : found.status();
  if (!metadata.ok()) return ChartError(ChartFailure::kReference, metadata.status());
  ChartBuild result;
  result.name = build.name = metadata->name;
  build.version = metadata->version;
  ASSIGN_OR_RETURN(result.version, WithBuildMetadata(metadata->version, options.version_metadata));
  build.version = result.version;
  result.packaged = found->folder || options.needs_packaging();
  if (UseStored(options, result)) {
    build = std::move(result);
    return absl::OkStatus();
  }
  if (!result.packaged) {
    build = std::move(result);
    build.package = std::move(found->archive);
    return absl::OkStatus();
  }
  std::optional<MergedValues> merged;
  if (options.custom_values) {
    auto values = MergeValues(
        options.values_files, options.ignore_missing_values_files,
        [&](const std::string& path) { return ValuesIn(source, path, options.limits.file_bytes); },
        MissingValues);
    if (!values.ok()) return ChartError(ChartFailure::kValues, values.status());
    merged = *std::move(values);
  }
  helm::LoadOptions load;
  load.limits = options.limits;
  if (found->folder) {
    auto files = FolderFiles(source, found->path, load);
    if (!files.ok()) return ChartError(ChartFailure::kPackage, files.status());
    found->files = *std::move(files);
  }
  metadata->version = result.version;
  if (merged.has_value()) {
    const auto replaced = ReplaceValues(merged->values, found->files);
    if (!replaced.ok()) return ChartError(ChartFailure::kValues, replaced.status());
    if (*replaced) result.values_files = merged->files;
  }
  if (found->folder) {
    const auto added =
        AddDependencies(ctx, {source, found->path}, *metadata, load, find, found->files);
    if (!added.ok()) return ChartError(ChartFailure::kDependency, added.status());
    result.resolved_dependencies = *added;
  }
  auto package = helm::Package(*metadata, found->files, absl::UnixEpoch());
  if (!package.ok()) return ChartError(ChartFailure::kPackage, package.status());
  build = std::move(result);
  build.package = *std::move(package);
  return absl::OkStatus();
}

}  // namespace sluice::source_controller
