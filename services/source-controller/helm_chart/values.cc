// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_chart/values.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm/values_file.h"
#include "common/value/yaml.h"

namespace sluice::source_controller {

absl::StatusOr<MergedValues> MergeValues(
    const std::vector<std::string>& paths, bool ignore_missing, const ReadValues& read,
    const std::function<std::string(const std::string& path)>& missing) {
  MergedValues merged;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const std::optional<std::string> text, read(path));
    if (!text.has_value()) {
      if (ignore_missing) continue;
      return absl::NotFoundError(missing(path));
    }
    const auto values = helm::ParseValuesFile(*text, helm::Dialect::kHelm4);
    if (!values.ok()) {
      return Annotate(values.status(),
                      absl::StrCat("unmarshaling values from '", path, "' failed"));
    }
    merged.values = helm::MergeTables(merged.values, *values);
    merged.files.push_back(path);
  }
  return merged;
}

absl::StatusOr<bool> ReplaceValues(const Value& merged, std::vector<helm::ChartFile>& files) {
  std::string text;
  if (!merged.empty()) {
    ASSIGN_OR_RETURN(text, value::MarshalYaml(merged));
  }
  for (helm::ChartFile& file : files) {
    if (file.name != "values.yaml") continue;
    if (file.data == text) return false;
    file.data = std::move(text);
    return true;
  }
  return absl::InvalidArgumentError("failed to locate values file: values.yaml");
}

}  // namespace sluice::source_controller
