// SPDX-License-Identifier: Apache-2.0
#include "common/helm/loader.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm/archive_files.h"
#include "common/helm/go_decoder.h"
#include "common/helm/metadata.h"
#include "common/helm/values_file.h"
#include "common/value/yaml.h"

namespace sluice::helm {
namespace {

using ChartPointer = std::shared_ptr<const Chart>;

// Files of charts/ by the first element of their path there.
using Subcharts = std::map<std::string, std::vector<ChartFile>>;

absl::StatusOr<ChartPointer> Load(std::vector<ChartFile> files, const LoadOptions& options,
                                  size_t depth, LoadBudget& budget);

absl::Status ReadChartYaml(const std::vector<ChartFile>& files, Dialect dialect, Chart& chart,
                           bool& found) {
  for (const ChartFile& file : files) {
    if (file.name != "Chart.yaml") continue;
    found = true;
    RETURN_IF_ERROR(
        Annotate(ReadMetadata(file.data, dialect, chart.metadata), "cannot load Chart.yaml"));
    if (chart.metadata.api_version.empty()) chart.metadata.api_version = "v1";
  }
  return absl::OkStatus();
}

absl::Status ReadLock(const ChartFile& file, Chart& chart) {
  absl::StatusOr<Value> lock = value::ParseYaml(file.data);
  if (!lock.ok()) {
    return Annotate(lock.status(),
                    absl::StrCat("cannot load ", file.name, ": error converting YAML to JSON"));
  }
  chart.lock = *std::move(lock);
  return absl::OkStatus();
}

// requirements.yaml and its lock, which stand for what Chart.yaml and Chart.lock have since.
absl::Status ReadRequirements(ChartFile& file, Dialect dialect, Chart& chart) {
  const bool old_form = chart.metadata.api_version == "v1";
  if (file.name == "requirements.yaml") {
    if (!old_form) {
      chart.warnings.push_back(
          "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend "
          "migrating dependencies to Chart.yaml.");
    }
    RETURN_IF_ERROR(Annotate(ReadMetadata(file.data, dialect, chart.metadata),
                             "cannot load requirements.yaml"));
  } else {
    if (!old_form) {
      chart.warnings.push_back(
          "Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We "
          "recommend migrating to Chart.lock.");
    }
    RETURN_IF_ERROR(ReadLock(file, chart));
  }
  if (chart.metadata.api_version == "v1") chart.files.push_back(std::move(file));
  return absl::OkStatus();
}

absl::Status Sort(ChartFile& file, Dialect dialect, Chart& chart, Subcharts& subcharts) {
  if (file.name == "Chart.yaml") return absl::OkStatus();
  if (file.name == "Chart.lock") return ReadLock(file, chart);
  if (file.name == "requirements.yaml" || file.name == "requirements.lock") {
    return ReadRequirements(file, dialect, chart);
  }
  if (file.name == "values.yaml") {
    absl::StatusOr<Value> values = ParseValuesFile(file.data, dialect);
    if (!values.ok()) return Annotate(values.status(), "cannot load values.yaml");
    chart.values = *std::move(values);
  } else if (file.name == "values.schema.json") {
    chart.schema = std::move(file.data);
  } else if (absl::StartsWith(file.name, "templates/")) {
    chart.templates.push_back(std::move(file));
  } else if (absl::StartsWith(file.name, "charts/") && !absl::EndsWith(file.name, ".prov")) {
    file.name.erase(0, std::string("charts/").size());
    subcharts[file.name.substr(0, file.name.find('/'))].push_back(std::move(file));
  } else {
    chart.files.push_back(std::move(file));
  }
  return absl::OkStatus();
}

absl::StatusOr<ChartPointer> LoadSubchart(const std::string& name, std::vector<ChartFile> files,
                                          const std::string& parent, const LoadOptions& options,
                                          size_t depth, LoadBudget& budget) {
  absl::StatusOr<ChartPointer> loaded;
  if (absl::EndsWith(name, ".tgz")) {
    if (files[0].name != name) {
      return absl::InvalidArgumentError(absl::StrCat("error unpacking subchart tar in ", parent,
                                                     ": expected ", name, ", got ", files[0].name));
    }
    auto unpacked = ReadArchiveFiles(files[0].data, options, budget);
    loaded = unpacked.ok() ? Load(*std::move(unpacked), options, depth, budget) : unpacked.status();
  } else {
    std::vector<ChartFile> below;
    for (ChartFile& file : files) {
      if (file.name.size() <= name.size()) continue;  // a file of that name
      file.name.erase(0, name.size() + 1);
      below.push_back(std::move(file));
    }
    loaded = Load(std::move(below), options, depth, budget);
  }
  if (loaded.ok()) return loaded;
  return Annotate(loaded.status(), absl::StrCat("error unpacking subchart ", name, " in ", parent));
}

absl::StatusOr<ChartPointer> Load(std::vector<ChartFile> files, const LoadOptions& options,
                                  size_t depth, LoadBudget& budget) {
  if (depth == 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("charts are nested deeper than ", options.limits.depth));
  }
  RETURN_IF_ERROR(budget.TakeChart());
  auto chart = std::make_shared<Chart>();
  bool found = false;
  RETURN_IF_ERROR(ReadChartYaml(files, options.dialect, *chart, found));
  Subcharts subcharts;
  for (ChartFile& file : files) {
    found = found || absl::StartsWith(file.name, "requirements.");
    RETURN_IF_ERROR(Sort(file, options.dialect, *chart, subcharts));
  }
  if (!found) return absl::InvalidArgumentError("Chart.yaml file is missing");
  RETURN_IF_ERROR(ValidateMetadata(chart->metadata));
  for (auto& [name, below] : subcharts) {
    if (absl::StartsWith(name, "_") || absl::StartsWith(name, ".")) continue;
    ASSIGN_OR_RETURN(
        ChartPointer subchart,
        LoadSubchart(name, std::move(below), chart->metadata.name, options, depth - 1, budget));
    chart->warnings.insert(chart->warnings.end(), subchart->warnings.begin(),
                           subchart->warnings.end());
    chart->dependencies.push_back(std::move(subchart));
  }
  return chart;
}

}  // namespace

absl::StatusOr<ChartPointer> LoadFiles(std::vector<ChartFile> files, const LoadOptions& options) {
  LoadBudget budget(options.limits);
  for (const ChartFile& file : files) RETURN_IF_ERROR(budget.TakeFile(file.data.size()));
  return Load(std::move(files), options, options.limits.depth, budget);
}

absl::StatusOr<ChartPointer> LoadArchive(absl::string_view bytes, const LoadOptions& options) {
  LoadBudget budget(options.limits);
  ASSIGN_OR_RETURN(std::vector<ChartFile> files, ReadArchiveFiles(bytes, options, budget));
  return Load(std::move(files), options, options.limits.depth, budget);
}

}  // namespace sluice::helm
