// Writing a chart's archive (.tgz) in Helm's layout.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/helm/chart.h"

namespace sluice::helm {

// Chart.yaml as Helm writes it: keys in order, what is empty left out. Charts of API version "v1"
// have their dependencies in requirements.yaml, so that they are left out too.
std::string FormatMetadata(const Metadata& metadata);

// `files` by their paths in the chart, those of charts/ included, below a folder of the chart's
// name; Chart.yaml is that of `metadata`. In Helm's order: Chart.yaml, Chart.lock, values.yaml,
// values.schema.json, templates, others, charts. All files have the time `time`. kInvalidArgument
// for a name that does not do as a folder's.
absl::StatusOr<std::string> Package(const Metadata& metadata, const std::vector<ChartFile>& files,
                                    absl::Time time);

}  // namespace sluice::helm
