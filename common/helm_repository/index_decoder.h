// From events to the fields of an index, by the rules of sigs.k8s.io/yaml and encoding/json for
// Helm's types (spec/source.md §4.1.7).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/helm_repository/chart_entry.h"
#include "common/helm_repository/go_decoder.h"
#include "common/helm_repository/index_event.h"

namespace sluice::helm_repository {

// Everything of an index but its charts.
struct IndexHead {
  std::string api_version;
  std::string generated = ChartEntry::kNoTime;
  bool has_entries = false;  // the key, with a map
  Value server_info;         // null or an object
  std::vector<std::string> public_keys;
  std::map<std::string, std::string> annotations;
};

// Told of the charts in the order of the text.
class ChartSink {
 public:
  virtual ~ChartSink() = default;
  virtual absl::Status BeginChart(absl::string_view name, bool is_null) = 0;
  // May change `entry`, which is used again for the next one.
  virtual absl::Status Entry(ChartEntry& entry) = 0;
};

// A whole document; one map of charts; one chart's list of versions. Null entries are left out.
// kInvalidArgument in Go's words, kUnimplemented for what YamlEvents leaves to ValueEvents.
absl::Status ReadIndex(EventReader& events, Syntax syntax, IndexHead& head, ChartSink& sink);
absl::Status ReadCharts(EventReader& events, Syntax syntax, ChartSink& sink);
absl::Status ReadVersions(EventReader& events, Syntax syntax, ChartSink& sink);

}  // namespace sluice::helm_repository
