// SPDX-License-Identifier: Apache-2.0
#include "common/api/source/helm_chart.h"

#include "common/api/meta/decode.h"

namespace sluice::api {

HelmChartSpec DecodeHelmChartSpec(const Value& spec) {
  HelmChartSpec result;
  result.chart = Text(spec["chart"]);
  result.version = std::string(spec["version"].string_or("*"));
  result.source_kind = Text(spec["sourceRef"]["kind"]);
  result.source_name = Text(spec["sourceRef"]["name"]);
  result.by_revision = spec["reconcileStrategy"].str() == "Revision";
  result.values_files = TextList(spec["valuesFiles"]);
  // Before v1 there was one more, which came first.
  if (const std::string first = Text(spec["valuesFile"]); !first.empty()) {
    result.values_files.insert(result.values_files.begin(), first);
  }
  result.ignore_missing_values_files = spec["ignoreMissingValuesFiles"].bool_or(false);
  result.suspend = spec["suspend"].bool_or(false);
  result.verify = DecodeOciVerification(spec["verify"]);
  return result;
}

HelmChartObserved HelmChartObserved::Decode(const Value& status) {
  return {Text(status["observedSourceArtifactRevision"]), Text(status["observedChartName"]),
          TextList(status["observedValuesFiles"])};
}

void HelmChartObserved::EncodeInto(Value& status) const {
  if (!source_revision.empty()) status.Set("observedSourceArtifactRevision", source_revision);
  if (!chart_name.empty()) status.Set("observedChartName", chart_name);
  if (!values_files.empty()) {
    Value list = Value::EmptyArray();
    for (const std::string& file : values_files) list.Append(file);
    status.Set("observedValuesFiles", std::move(list));
  }
}

}  // namespace sluice::api
