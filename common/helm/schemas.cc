// SPDX-License-Identifier: Apache-2.0
#include "common/helm/schemas.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/document.h"
#include "common/jsonschema/schema.h"

namespace sluice::helm {
namespace {

// What is wrong with the chart's own values, with a line feed where Helm has one.
absl::StatusOr<std::string> Findings(const Chart& chart, const gotmpl::Value& values) {
  if (!chart.schema.has_value()) return "";
  const absl::StatusOr<jsonschema::Schema> schema = jsonschema::Schema::Parse(*chart.schema);
  if (!schema.ok()) return std::string(schema.status().message());
  gotmpl::Session session;
  ASSIGN_OR_RETURN(const Value document, gotmpl::ToDocument(values, session));
  const absl::Status status = schema->Validate(document);
  return status.ok() ? "" : absl::StrCat(status.message(), "\n");
}

absl::Status Check(const ChartNode& node, const gotmpl::Value& values, std::string& findings) {
  ASSIGN_OR_RETURN(const std::string own, Findings(*node.chart, values));
  if (!own.empty()) absl::StrAppend(&findings, node.name, ":\n", own);
  for (const ChartNode* const dependency : node.dependencies) {
    const gotmpl::Value* const below = values.Find(dependency->name);
    if (below == nullptr || below->is_untyped_nil()) continue;
    if (AsTable(*below) == nullptr) {
      absl::StrAppend(&findings, dependency->name,
                      ":\ninvalid type for values: expected object (map), got ", below->type_name(),
                      "\n");
      continue;
    }
    RETURN_IF_ERROR(Check(*dependency, *below, findings));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSchemas(const Instance& instance, const TablePointer& values,
                          const RenderOptions& options) {
  if (options.skip_schema) return absl::OkStatus();
  std::string findings;
  RETURN_IF_ERROR(Check(instance.root(), FromTable(values), findings));
  if (findings.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("values don't meet the specifications of the schema(s) in the following "
                   "chart(s):\n",
                   findings));
}

}  // namespace sluice::helm
