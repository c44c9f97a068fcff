// Merging the values of charts: what is given over what is default, from the root down.

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/document.h"
#include "common/gotmpl/format.h"
#include "common/helm/instance.h"
#include "common/text/quote.h"

namespace sluice::helm {
namespace {

constexpr absl::string_view kGlobal = "global";

bool IsDependency(const ChartNode& node, absl::string_view name) {
  for (const ChartNode* const dependency : node.dependencies) {
    if (dependency->name == name) return true;
  }
  return false;
}

// Helm prints it with %t, a verb for booleans.
absl::Status NotTable(const std::string& name, const gotmpl::Value& value) {
  const auto text = gotmpl::Sprintf("%t", std::span(&value, 1), {});
  return absl::InvalidArgumentError(
      absl::StrCat("type mismatch on ", name, ": ", text.ok() ? *text : "..."));
}

}  // namespace

absl::StatusOr<TablePointer> Instance::Coalesce(const Value& values) {
  RETURN_IF_ERROR(status_);
  gotmpl::Value copy = gotmpl::FromDocument(values, gotmpl::Numbers::kIntegers);
  TablePointer table = AsTable(copy);
  return CoalesceTree(*root_, table != nullptr ? table : std::make_shared<Map>(), Nulls::kRemove);
}

absl::StatusOr<TablePointer> Instance::CoalesceTree(const ChartNode& node, TablePointer values,
                                                    Nulls nulls) {
  if (values == nullptr) values = std::make_shared<Map>();
  RETURN_IF_ERROR(Coalesce(node, values, "", nulls));
  return values;
}

absl::Status Instance::Coalesce(const ChartNode& node, const TablePointer& values,
                                const std::string& prefix, Nulls nulls) {
  RETURN_IF_ERROR(CoalesceDefaults(node, *values, prefix, nulls));
  for (const ChartNode* const dependency : node.dependencies) {
    const auto [member, added] = values->try_emplace(dependency->name);
    if (added) member->second = gotmpl::Value::NewMap();
    const TablePointer table = AsTable(member->second);
    if (table == nullptr) return NotTable(dependency->name, member->second);
    const std::string inner = JoinNames(prefix, node.name);
    HandDownGlobals(*values, *table, inner);
    RETURN_IF_ERROR(Coalesce(*dependency, table, inner, nulls));
  }
  return absl::OkStatus();
}

absl::StatusOr<TablePointer> Instance::CopyDefaults(const ChartNode& node) {
  if (node.imported.has_value()) {
    ASSIGN_OR_RETURN(const gotmpl::Value copy, DeepCopy(*node.imported, budget_));
    return copy.map();
  }
  RETURN_IF_ERROR(budget_.Take());
  return gotmpl::FromDocument(node.chart->values, gotmpl::Numbers::kFloats).map();
}

absl::Status Instance::CoalesceDefaults(const ChartNode& node, Map& values,
                                        const std::string& prefix, Nulls nulls) {
  const std::string path = JoinNames(prefix, node.name);
  ASSIGN_OR_RETURN(const TablePointer defaults, CopyDefaults(node));
  const bool clean = options_.dialect == Dialect::kHelm4 && nulls == Nulls::kRemove;
  for (const auto& [key, value] : *defaults) {
    const TablePointer below = AsTable(value);
    const auto held = values.find(key);
    if (held == values.end()) {
      if (clean && value.is_untyped_nil()) continue;
      if (clean && below != nullptr) RemoveNulls(*below);
      values.emplace(key, value);
      continue;
    }
    if (held->second.is_untyped_nil() && nulls == Nulls::kRemove) {
      values.erase(held);
      continue;
    }
    const TablePointer top = AsTable(held->second);
    if (top == nullptr) continue;
    if (below == nullptr) {
      if (!value.is_untyped_nil()) {
        warnings_.push_back(
            absl::StrCat("warning: skipped value for ", path, ".", key, ": Not a table."));
      }
      continue;
    }
    // What is for a dependency keeps its nulls, which remove the dependency's own defaults.
    const Nulls inner = IsDependency(node, key) ? Nulls::kKeep : nulls;
    if (clean && inner == Nulls::kRemove) RemoveNulls(*below);
    MergeInto(*top, *below, JoinNames(path, key), inner, warnings_);
  }
  return absl::OkStatus();
}

void Instance::HandDownGlobals(Map& from, Map& to, const std::string& prefix) {
  const auto source = from.find(kGlobal);
  const auto target = to.find(kGlobal);
  const TablePointer target_table =
      target == to.end() ? std::make_shared<Map>() : AsTable(target->second);
  if (target_table == nullptr) {
    warnings_.push_back("warning: skipping globals because destination global is not a table.");
    return;
  }
  const TablePointer source_table =
      source == from.end() ? std::make_shared<Map>() : AsTable(source->second);
  if (source_table == nullptr) {
    warnings_.push_back("warning: skipping globals because source global is not a table.");
    return;
  }
  for (const auto& [key, value] : *source_table) {
    const auto held = target_table->find(key);
    const TablePointer table = AsTable(value);
    if (table == nullptr) {
      if (held != target_table->end() && AsTable(held->second) != nullptr) {
        warnings_.push_back(absl::StrCat("key ", gotmpl::ToText(value), " is table. Skipping"));
      } else {
        (*target_table)[key] = value;
      }
      continue;
    }
    // The parent's wins, so it is what the other is merged into: a copy of its first level.
    auto copy = std::make_shared<Map>(*table);
    if (held != target_table->end()) {
      const TablePointer below = AsTable(held->second);
      if (below == nullptr) {
        warnings_.push_back(absl::StrCat("Conflict: cannot merge map onto non-map for ",
                                         text::Quote(key), ". Skipping."));
        continue;
      }
      MergeInto(*copy, *below, JoinNames(prefix, key), Nulls::kKeep, warnings_);
    }
    (*target_table)[key] = FromTable(std::move(copy));
  }
  to[std::string(kGlobal)] = FromTable(target_table);
}

}  // namespace sluice::helm
