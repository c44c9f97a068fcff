// Which versions of an index Helm takes (chart.Metadata's Validate of helm.sh/helm/v4 4.2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>

#include "common/helm_repository/chart_entry.h"

namespace sluice::helm_repository {

// Makes `entry` what Helm makes of it: the API version "v1" where there is none, blanks for white
// space in texts, no characters that cannot be printed (the changed texts are put into `kept`).
// False if it is no version of a chart and is to be left out. Two dependencies of one name, which
// Helm refuses in charts, are let through as in Flux.
bool CheckEntry(ChartEntry& entry, std::deque<std::string>& kept);

}  // namespace sluice::helm_repository
