// One version of a chart as an index tells of it: Helm's repo.ChartVersion with the chart.Metadata
// in it (helm.sh/helm/v4 4.2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::helm_repository {

// A list that may be null; views as below.
struct TextList {
  bool is_null = true;
  std::vector<absl::string_view> items;

  void Clear() {
    is_null = true;
    items.clear();
  }
};

struct EntryMaintainer {
  bool is_null = false;
  absl::string_view name;
  absl::string_view email;
  absl::string_view url;
};

struct EntryDependency {
  bool is_null = false;
  absl::string_view name;
  absl::string_view version;
  absl::string_view repository;
  absl::string_view condition;
  TextList tags;
  bool enabled = false;
  std::vector<Value> import_values;
  absl::string_view alias;
};

// The views are into the text that was read, or into what its reader keeps. Fields in the order in
// which Go prints them.
struct ChartEntry {
  absl::string_view name;
  absl::string_view home;
  TextList sources;
  absl::string_view version;
  absl::string_view description;
  TextList keywords;
  std::vector<EntryMaintainer> maintainers;
  absl::string_view icon;
  absl::string_view api_version;
  absl::string_view condition;
  absl::string_view tags;
  absl::string_view app_version;
  bool deprecated = false;
  std::vector<std::pair<absl::string_view, absl::string_view>> annotations;
  absl::string_view kube_version;
  std::vector<EntryDependency> dependencies;
  absl::string_view type;
  TextList urls;
  std::string created = kNoTime;  // RFC 3339
  bool removed = false;
  absl::string_view digest;
  absl::string_view checksum;
  absl::string_view engine;
  absl::string_view tiller_version;
  absl::string_view url;

  // Go's zero time.
  static constexpr const char* kNoTime = "0001-01-01T00:00:00Z";
};

}  // namespace sluice::helm_repository
