// Instance: one use of a chart, from dependencies to merged values. Which dependencies take part,
// under which names and with which defaults depends on the user's values, so that each rendering
// has an instance of its own; the charts in it are shared.
//
//   Instance instance(chart, {.dialect = Dialect::kHelm4});
//   RETURN_IF_ERROR(instance.ProcessDependencies(user_values));
//   ASSIGN_OR_RETURN(const TablePointer values, instance.Coalesce(user_values));

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/helm/chart.h"
#include "common/helm/tables.h"
#include "common/value/value.h"

namespace sluice::helm {

// A chart among the dependencies of an instance, or its root.
struct ChartNode {
  std::shared_ptr<const Chart> chart;
  std::string name;  // the alias, where it has one
  // What the chart declares, with names already those of aliases once they were looked at. Nothing
  // if it declares no list, which Helm tells from an empty one.
  std::optional<std::vector<std::shared_ptr<Dependency>>> declared;
  std::vector<ChartNode*> dependencies;
  ChartNode* parent = nullptr;
  // The defaults after what was imported from dependencies; before that the chart's.
  std::optional<gotmpl::Value> imported;

  bool is_root() const { return parent == nullptr; }
  // "parent/charts/name"
  std::string FullPath() const;
};

struct InstanceOptions {
  Dialect dialect = Dialect::kHelm4;
  size_t copied_values = 20'000'000;  // that merging may make, over the whole instance
  size_t nodes = 20'000;              // charts, counted again for each alias
};

// Not thread-safe.
class Instance {
 public:
  Instance(std::shared_ptr<const Chart> chart, const InstanceOptions& options);
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // Drops what conditions and tags switch off, gives aliases their charts and takes over what
  // `import-values` asks for. `values` are the user's: integers are int64, doubles float64.
  // kInvalidArgument if a dependency's values are no table, kResourceExhausted at a limit.
  absl::Status ProcessDependencies(const Value& values);

  // The user's values over the chart's defaults, with those of all dependencies inside and
  // `global` handed down. Errors as above.
  absl::StatusOr<TablePointer> Coalesce(const Value& values);

  const ChartNode& root() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return *root_; }
  Dialect dialect() const { return options_.dialect; }
  // What the user should hear of, in Helm's words.
  const std::vector<std::string>& warnings() const ABSL_ATTRIBUTE_LIFETIME_BOUND {
    return warnings_;
  }

 private:
  // instance.cc
  absl::StatusOr<ChartNode*> AddNode(std::shared_ptr<const Chart> chart, ChartNode* parent);

  // dependencies.cc
  absl::Status Enable(ChartNode& node, const gotmpl::Value& values, const std::string& path);
  absl::Status PickDependencies(ChartNode& node);
  absl::StatusOr<ChartNode*> CopyFor(const ChartNode& original, const Dependency& dependency);
  void ApplyTags(ChartNode& node, const TablePointer& values);
  void ApplyConditions(ChartNode& node, const TablePointer& values, const std::string& path);
  absl::Status ImportValues(ChartNode& node);
  absl::Status ImportOwnValues(ChartNode& node);
  absl::Status Import(const Dependency& dependency, const Value& entry, const TablePointer& values,
                      Map& imports);

  // coalesce.cc
  absl::StatusOr<TablePointer> CoalesceTree(const ChartNode& node, TablePointer values,
                                            Nulls nulls);
  absl::Status Coalesce(const ChartNode& node, const TablePointer& values,
                        const std::string& prefix, Nulls nulls);
  absl::Status CoalesceDefaults(const ChartNode& node, Map& values, const std::string& prefix,
                                Nulls nulls);
  absl::StatusOr<TablePointer> CopyDefaults(const ChartNode& node);
  void HandDownGlobals(Map& from, Map& to, const std::string& prefix);

  const InstanceOptions options_;
  CopyBudget budget_;
  std::deque<ChartNode> nodes_;  // all that ever were, as some share what is below them
  ChartNode* root_ = nullptr;
  absl::Status status_;  // of the constructor
  std::vector<std::string> warnings_;
};

}  // namespace sluice::helm
