// spec.valuesFiles: files merged into one that takes the place of the chart's values.yaml.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/helm/chart.h"
#include "common/value/value.h"

namespace sluice::source_controller {

struct MergedValues {
  Value values = Value::EmptyObject();
  std::vector<std::string> files;  // those that were there
};

// The content of a values file by its path as it is written, nullopt if there is none; the error
// says what is wrong with the path.
using ReadValues =
    std::function<absl::StatusOr<std::optional<std::string>>(const std::string& path)>;

// Merges `paths` in order: tables are merged, anything else is replaced, the later file wins.
// `missing` words the error for a file that is not there.
absl::StatusOr<MergedValues> MergeValues(
    const std::vector<std::string>& paths, bool ignore_missing, const ReadValues& read,
    const std::function<std::string(const std::string& path)>& missing);

// Puts `merged` into values.yaml of `files`, an empty file for an empty table. False if that is
// what it holds already. kInvalidArgument if there is no values.yaml.
absl::StatusOr<bool> ReplaceValues(const Value& merged, std::vector<helm::ChartFile>& files);

}  // namespace sluice::source_controller
