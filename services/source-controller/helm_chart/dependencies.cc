// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_chart/dependencies.h"

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/subtree.h"
#include "common/helm/archive_files.h"
#include "common/helm/metadata.h"
#include "common/helm/package.h"
#include "common/helm/tree_files.h"
#include "common/semver/constraint.h"
#include "services/source-controller/helm_chart/build.h"

namespace sluice::source_controller {
namespace {

using Files = std::vector<helm::ChartFile>;

constexpr absl::string_view kCharts = "charts/";

// The lock file's list has the form of Chart.yaml's.
absl::StatusOr<std::vector<helm::Dependency>> Requested(const helm::Metadata& metadata,
                                                        const Files& files) {
  const char* lock = metadata.api_version == "v1" ? "requirements.lock" : "Chart.lock";
  for (const helm::ChartFile& file : files) {
    if (file.name != lock) continue;
    helm::Metadata locked;
    RETURN_IF_ERROR(helm::ReadMetadata(file.data, helm::Dialect::kHelm4, locked));
    return locked.dependencies;
  }
  return metadata.dependencies;
}

absl::StatusOr<Files> ReadArchive(absl::string_view archive, const helm::LoadOptions& options) {
  helm::LoadBudget budget(options.limits);
  return helm::ReadArchiveFiles(archive, options, budget);
}

// The chart at the clean path `path`, a folder or an archive.
absl::StatusOr<Files> ReadChart(const fs::Tree& tree, const std::string& path,
                                const helm::LoadOptions& options) {
  ASSIGN_OR_RETURN(const fs::Entry entry, tree.Stat(path));
  if (entry.type == fs::EntryType::kDirectory) {
    ASSIGN_OR_RETURN(const fs::Subtree folder, fs::Subtree::Create(tree, path));
    return helm::ReadTreeFiles(folder, options);
  }
  ASSIGN_OR_RETURN(const std::string bytes, tree.Read(path, options.limits.chart_bytes));
  return ReadArchive(bytes, options);
}

// The names of the charts in charts/. Helm does not look at what begins with "_" or ".".
absl::StatusOr<std::vector<std::string>> Vendored(const Files& files,
                                                  const helm::LoadOptions& options) {
  std::vector<std::string> names;
  for (const helm::ChartFile& file : files) {
    absl::string_view rest = file.name;
    if (!absl::ConsumePrefix(&rest, kCharts) || rest.empty() || rest[0] == '_' || rest[0] == '.') {
      continue;
    }
    const size_t slash = rest.find('/');
    if (slash == absl::string_view::npos && absl::EndsWith(rest, ".tgz")) {
      ASSIGN_OR_RETURN(const Files inner, ReadArchive(file.data, options));
      ASSIGN_OR_RETURN(const helm::Metadata metadata, MetadataOf(inner));
      names.push_back(metadata.name);
    } else if (slash != absl::string_view::npos && rest.substr(slash + 1) == "Chart.yaml") {
      ASSIGN_OR_RETURN(const helm::Metadata metadata, MetadataOf({{"Chart.yaml", file.data}}));
      names.push_back(metadata.name);
    }
  }
  return names;
}

// Puts the chart `inner` into charts/ of `files`.
absl::Status AddChart(const helm::Dependency& dependency, Files inner, Files& files) {
  ASSIGN_OR_RETURN(helm::Metadata metadata, MetadataOf(inner));
  if (!dependency.alias.empty()) metadata.name = dependency.alias;
  for (helm::ChartFile& file : inner) {
    if (file.name == "Chart.yaml" && !dependency.alias.empty()) {
      file.data = helm::FormatMetadata(metadata);
    }
    files.push_back({absl::StrCat(kCharts, metadata.name, "/", file.name), std::move(file.data)});
  }
  return absl::OkStatus();
}

absl::Status AddLocal(const ChartPlace& place, const helm::Dependency& dependency,
                      const helm::LoadOptions& options, Files& files) {
  absl::string_view reference = dependency.repository;
  absl::ConsumePrefix(&reference, "file://");
  const std::string wanted =
      reference.empty() ? absl::StrCat(kCharts, dependency.name) : std::string(reference);
  ASSIGN_OR_RETURN(const std::string path,
                   fs::SecureJoin("", absl::StrCat(place.path, "/", wanted)));
  if (!place.tree.Stat(path).ok()) {
    return absl::NotFoundError(
        absl::StrCat("no chart found at '/", path, "' (reference '", dependency.repository, "')"));
  }
  const auto constraint = semver::Constraint::Parse(dependency.version);
  if (!constraint.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("invalid version/constraint format '",
                                                   dependency.version,
                                                   "': ", constraint.status().message()));
  }
  auto inner = ReadChart(place.tree, path, options);
  const auto metadata = inner.ok() ? MetadataOf(*inner) : inner.status();
  if (!metadata.ok()) {
    return Annotate(metadata.status(), absl::StrCat("failed to load chart from '/", path,
                                                    "' (reference '", dependency.repository, "')"));
  }
  const auto version = semver::Version::Parse(metadata->version);
  if (!version.ok() || !constraint->Matches(*version)) {
    return absl::FailedPreconditionError(
        absl::StrCat("can't get a valid version for constraint '", dependency.version, "'"));
  }
  return AddChart(dependency, *std::move(inner), files);
}

absl::Status AddRemote(const Context& ctx, const helm::Dependency& dependency,
                       const helm::LoadOptions& options, const FindRepository& find, Files& files) {
  ASSIGN_OR_RETURN(const auto repository, find(dependency.repository));
  ASSIGN_OR_RETURN(const helm_repository::ChartVersion version,
                   repository->Choose(ctx, dependency.name, dependency.version));
  const auto archive = repository->Download(ctx, dependency.name, version);
  if (!archive.ok()) {
    return Annotate(archive.status(),
                    absl::StrCat("chart download of version '", version.version, "' failed"));
  }
  auto inner = ReadArchive(*archive, options);
  if (!inner.ok()) {
    return Annotate(inner.status(), absl::StrCat("failed to load downloaded archive of version '",
                                                 version.version, "'"));
  }
  return AddChart(dependency, *std::move(inner), files);
}

}  // namespace

absl::StatusOr<size_t> AddDependencies(const Context& ctx, const ChartPlace& place,
                                       const helm::Metadata& metadata,
                                       const helm::LoadOptions& options, const FindRepository& find,
                                       Files& files) {
  ASSIGN_OR_RETURN(const std::vector<helm::Dependency> requested, Requested(metadata, files));
  ASSIGN_OR_RETURN(const std::vector<std::string> vendored, Vendored(files, options));
  if (requested.size() == vendored.size()) return 0;
  const std::set<std::string> there(vendored.begin(), vendored.end());
  // A dependency that is there twice under one name is asked for once.
  std::map<std::string, const helm::Dependency*> missing;
  for (const helm::Dependency& dependency : requested) {
    const std::string& name = dependency.alias.empty() ? dependency.name : dependency.alias;
    if (!there.contains(name)) missing[name] = &dependency;
  }
  for (const auto& [name, dependency] : missing) {
    const bool local =
        dependency->repository.empty() || absl::StartsWith(dependency->repository, "file://");
    const absl::Status added = local ? AddLocal(place, *dependency, options, files)
                                     : AddRemote(ctx, *dependency, options, find, files);
    if (!added.ok()) {
      return Annotate(added, absl::StrCat("failed to add ", local ? "local" : "remote",
                                          " dependency '", name, "'"));
    }
  }
  return missing.size();
}

}  // namespace sluice::source_controller
