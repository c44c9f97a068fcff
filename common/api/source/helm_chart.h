// HelmChart (source.toolkit.fluxcd.io/v1): spec/source.md §1.6.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/api/source/oci_repository.h"
#include "common/value/value.h"

namespace sluice::api {

struct HelmChartSpec {
  std::string chart;
  std::string version = "*";
  std::string source_kind;
  std::string source_name;
  bool by_revision = false;  // reconcileStrategy: Revision
  std::vector<std::string> values_files;
  bool ignore_missing_values_files = false;
  bool suspend = false;
  std::optional<OciVerification> verify;

  // Values files other than the chart's own defaults.
  bool has_custom_values() const {
    return !values_files.empty() && !(values_files.size() == 1 && values_files[0] == "values.yaml");
  }
};

// What the stored chart was made of: the fields of the status that only a HelmChart has.
struct HelmChartObserved {
  std::string source_revision;
  std::string chart_name;
  std::vector<std::string> values_files;

  static HelmChartObserved Decode(const Value& status);
  void EncodeInto(Value& status) const;
};

HelmChartSpec DecodeHelmChartSpec(const Value& spec);

}  // namespace sluice::api
