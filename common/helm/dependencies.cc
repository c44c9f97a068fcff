// Which dependencies of an instance take part, and what values come up from them.

// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/document.h"
#include "common/gotmpl/format.h"
#include "common/helm/go_decoder.h"
#include "common/helm/instance.h"
#include "common/semver/constraint.h"

namespace sluice::helm {
namespace {

// How deep an `import-values` path may lead.
constexpr size_t kMaxImportDepth = 100;

bool Satisfies(const ChartNode& node, const Dependency& dependency) {
  return node.name == dependency.name &&
         semver::IsCompatible(dependency.version, node.chart->metadata.version);
}

void SetDependencies(ChartNode& node, std::vector<ChartNode*> dependencies) {
  for (ChartNode* const dependency : dependencies) dependency->parent = &node;
  node.dependencies = std::move(dependencies);
}

// `table` as what stands at `path` of a new table.
TablePointer Below(const TablePointer& table, absl::string_view path) {
  if (path == ".") return table;
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  gotmpl::Value value = FromTable(table);
  for (size_t i = names.size(); i-- > 0;) {
    value = gotmpl::Value::FromMap({{names[i], std::move(value)}});
  }
  return value.map();
}

// What %v prints of a member of an import-values entry.
std::string PathText(const Value& value) {
  return value.is_null() ? "<nil>"
                         : gotmpl::ToText(gotmpl::FromDocument(value, gotmpl::Numbers::kFloats));
}

}  // namespace

absl::Status Instance::ProcessDependencies(const Value& values) {
  RETURN_IF_ERROR(status_);
  RETURN_IF_ERROR(Enable(*root_, gotmpl::FromDocument(values, gotmpl::Numbers::kIntegers), ""));
  return ImportValues(*root_);
}

absl::StatusOr<ChartNode*> Instance::CopyFor(const ChartNode& original,
                                             const Dependency& dependency) {
  if (nodes_.size() >= options_.nodes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the chart has more than ", options_.nodes, " dependencies"));
  }
  ChartNode& copy = nodes_.emplace_back(original);
  if (!dependency.alias.empty()) copy.name = dependency.alias;
  // Helm 3 lets all copies of a chart share what is below them.
  if (options_.dialect == Dialect::kHelm3) return &copy;
  if (copy.declared.has_value()) {
    for (std::shared_ptr<Dependency>& declared : *copy.declared) {
      declared = std::make_shared<Dependency>(*declared);
    }
  }
  std::vector<ChartNode*> below;
  for (const ChartNode* const node : copy.dependencies) {
    if (nodes_.size() >= options_.nodes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the chart has more than ", options_.nodes, " dependencies"));
    }
    below.push_back(&nodes_.emplace_back(*node));
  }
  SetDependencies(copy, std::move(below));
  return &copy;
}

absl::Status Instance::PickDependencies(ChartNode& node) {
  std::vector<ChartNode*> picked;
  // What is not declared always takes part.
  for (ChartNode* const existing : node.dependencies) {
    bool declared = false;
    for (const auto& dependency : *node.declared) {
      declared = declared || Satisfies(*existing, *dependency);
    }
    if (!declared) picked.push_back(existing);
  }
  for (const auto& dependency : *node.declared) {
    for (const ChartNode* const existing : node.dependencies) {
      if (!Satisfies(*existing, *dependency)) continue;
      ASSIGN_OR_RETURN(ChartNode* const copy, CopyFor(*existing, *dependency));
      picked.push_back(copy);
      break;
    }
    if (!dependency->alias.empty()) dependency->name = dependency->alias;
  }
  SetDependencies(node, std::move(picked));
  return absl::OkStatus();
}

absl::Status Instance::Enable(ChartNode& node, const gotmpl::Value& values,
                              const std::string& path) {
  if (!node.declared.has_value()) return absl::OkStatus();
  RETURN_IF_ERROR(PickDependencies(node));
  for (const auto& dependency : *node.declared) dependency->enabled = true;
  ASSIGN_OR_RETURN(const gotmpl::Value copy, DeepCopy(values, budget_));
  ASSIGN_OR_RETURN(const TablePointer coalesced, CoalesceTree(node, AsTable(copy), Nulls::kRemove));
  ApplyTags(node, coalesced);
  ApplyConditions(node, coalesced, path);
  std::set<std::string> removed;
  for (const auto& dependency : *node.declared) {
    if (!dependency->enabled) removed.insert(dependency->name);
  }
  std::vector<ChartNode*> kept;
  for (ChartNode* const dependency : node.dependencies) {
    if (removed.count(dependency->name) == 0) kept.push_back(dependency);
  }
  std::vector<std::shared_ptr<Dependency>> still_declared;
  for (const auto& dependency : *node.declared) {
    if (removed.count(dependency->name) == 0) still_declared.push_back(dependency);
  }
  for (ChartNode* const dependency : kept) {
    RETURN_IF_ERROR(
        Enable(*dependency, FromTable(coalesced), absl::StrCat(path, dependency->name, ".")));
  }
  node.declared.reset();
  if (!still_declared.empty()) node.declared = std::move(still_declared);
  SetDependencies(node, std::move(kept));
  return absl::OkStatus();
}

void Instance::ApplyTags(ChartNode& node, const TablePointer& values) {
  const TablePointer tags = FindTable(values, "tags");
  if (tags == nullptr) return;
  for (const auto& dependency : *node.declared) {
    bool has_true = false;
    bool has_false = false;
    for (const std::string& tag : dependency->tags) {
      const auto value = tags->find(tag);
      if (value == tags->end()) continue;
      if (value->second.kind() != gotmpl::Kind::kBool) {
        warnings_.push_back(absl::StrCat("Warning: Tag '", tag, "' for chart ", dependency->name,
                                         " returned non-bool value"));
      } else if (value->second.boolean()) {
        has_true = true;
      } else {
        has_false = true;
      }
    }
    dependency->enabled = has_true || !has_false;
  }
}

void Instance::ApplyConditions(ChartNode& node, const TablePointer& values,
                               const std::string& path) {
  for (const auto& dependency : *node.declared) {
    const absl::string_view condition = absl::StripAsciiWhitespace(dependency->condition);
    for (const absl::string_view place : absl::StrSplit(condition, ',', absl::SkipEmpty())) {
      const gotmpl::Value* const value = FindScalar(values, absl::StrCat(path, place));
      if (value == nullptr) continue;
      if (value->kind() == gotmpl::Kind::kBool) {
        dependency->enabled = value->boolean();
        break;
      }
      warnings_.push_back(absl::StrCat("Warning: Condition path '", place, "' for chart ",
                                       dependency->name, " returned non-bool value"));
    }
  }
}

absl::Status Instance::ImportValues(ChartNode& node) {
  for (ChartNode* const dependency : node.dependencies) RETURN_IF_ERROR(ImportValues(*dependency));
  if (!node.declared.has_value()) return absl::OkStatus();
  return ImportOwnValues(node);
}

absl::Status Instance::ImportOwnValues(ChartNode& node) {
  ASSIGN_OR_RETURN(const TablePointer values,
                   CoalesceTree(node, std::make_shared<Map>(), Nulls::kKeep));
  Map imports;
  for (const auto& dependency : *node.declared) {
    for (Value& entry : dependency->import_values) {
      RETURN_IF_ERROR(Import(*dependency, entry, values, imports));
      // As templates see it in .Chart.Dependencies from now on.
      if (entry.is_string()) {
        entry = Value({{"child", absl::StrCat("exports.", entry.str())}, {"parent", "."}});
      } else if (entry.is_object()) {
        entry = Value({{"child", PathText(entry["child"])}, {"parent", PathText(entry["parent"])}});
      }
    }
  }
  // What is imported must not change what it came from.
  ASSIGN_OR_RETURN(gotmpl::Value own, DeepCopy(FromTable(values), budget_));
  MergeInto(*own.map(), imports, "", Nulls::kKeep, warnings_);
  node.imported = std::move(own);
  return absl::OkStatus();
}

absl::Status Instance::Import(const Dependency& dependency, const Value& entry,
                              const TablePointer& values, Map& imports) {
  if (!entry.is_string() && !entry.is_object()) return absl::OkStatus();
  const std::string child =
      entry.is_string() ? absl::StrCat("exports.", entry.str()) : PathText(entry["child"]);
  const std::string parent = entry.is_string() ? "." : PathText(entry["parent"]);
  if (static_cast<size_t>(std::count(parent.begin(), parent.end(), '.')) > kMaxImportDepth) {
    return absl::ResourceExhaustedError(
        absl::StrCat("import-values of ", dependency.name, ": the path `parent` is too deep"));
  }
  const TablePointer table = FindTable(values, absl::StrCat(dependency.name, ".", child));
  if (table == nullptr) {
    const absl::string_view missing = absl::string_view(child).substr(child.rfind('.') + 1);
    warnings_.push_back(
        absl::StrCat("Warning: ImportValues missing table",
                     entry.is_string() ? "" : absl::StrCat(" from chart ", dependency.name), ": \"",
                     missing, "\" is not a table"));
    return absl::OkStatus();
  }
  MergeInto(imports, *Below(table, parent), "", Nulls::kKeep, warnings_);
  return absl::OkStatus();
}

}  // namespace sluice::helm
