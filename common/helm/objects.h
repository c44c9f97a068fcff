// The objects that templates see: .Release, .Chart, .Capabilities, .Files, .Values, .Subcharts.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "common/gotmpl/value.h"
#include "common/helm/capabilities.h"
#include "common/helm/chart.h"
#include "common/helm/instance.h"
#include "common/helm/tables.h"

namespace sluice::helm {

// The release that a chart is rendered for.
struct Release {
  std::string name;
  std::string namespace_name = "default";
  int64_t revision = 1;
  bool is_upgrade = false;  // else it is an install
};

// .Release
gotmpl::Value ReleaseObject(const Release& release);
// .Capabilities
gotmpl::Value CapabilitiesObject(const Capabilities& capabilities, Dialect dialect);
// .Chart: in Helm 4 a map, in Helm 3 a struct.
gotmpl::Value ChartObject(const ChartNode& node, Dialect dialect);
// .Files
gotmpl::Value FilesObject(const Chart& chart, Dialect dialect);

// A table under the type of .Values (common.Values, chartutil.Values), which %T prints.
gotmpl::Value ValuesObject(TablePointer table, Dialect dialect);

}  // namespace sluice::helm
