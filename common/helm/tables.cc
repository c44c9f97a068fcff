// SPDX-License-Identifier: Apache-2.0
#include "common/helm/tables.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/format.h"

namespace sluice::helm {

using gotmpl::Kind;
using gotmpl::List;
using gotmpl::Value;

TablePointer AsTable(const Value& value) {
  return value.type() == &gotmpl::types::kMap ? value.map() : nullptr;
}

Value FromTable(TablePointer table) {
  return Value::SharedMapOf(gotmpl::types::kMap, std::move(table));
}

absl::Status CopyBudget::Take() {
  if (left_ == 0) {
    return absl::ResourceExhaustedError(
        "merging the values of the chart and its dependencies takes too much");
  }
  --left_;
  return absl::OkStatus();
}

absl::StatusOr<Value> DeepCopy(const Value& value, CopyBudget& budget) {
  RETURN_IF_ERROR(budget.Take());
  if (const TablePointer table = AsTable(value)) {
    Map members;
    for (const auto& [key, member] : *table) {
      ASSIGN_OR_RETURN(Value copy, DeepCopy(member, budget));
      members.emplace_hint(members.end(), key, std::move(copy));
    }
    return Value::FromMap(std::move(members));
  }
  if (value.type() == &gotmpl::types::kList) {
    List items;
    items.reserve(value.size());
    for (const Value& item : value.items()) {
      ASSIGN_OR_RETURN(Value copy, DeepCopy(item, budget));
      items.push_back(std::move(copy));
    }
    return Value::FromList(std::move(items));
  }
  return value;
}

void RemoveNulls(Map& table) {
  for (auto member = table.begin(); member != table.end();) {
    if (member->second.is_untyped_nil()) {
      member = table.erase(member);
      continue;
    }
    if (const TablePointer inner = AsTable(member->second)) RemoveNulls(*inner);
    ++member;
  }
}

void MergeInto(Map& top, Map& below, const std::string& path, Nulls nulls,
               std::vector<std::string>& warnings) {
  if (&top == &below) return;
  std::set<std::string> had_value;
  for (const auto& [key, member] : below) {
    if (!member.is_untyped_nil()) had_value.insert(key);
  }
  for (const auto& [key, member] : top) {
    if (member.is_untyped_nil()) below[key] = Value();
  }
  for (const auto& [key, member] : below) {
    const auto held = top.find(key);
    if (held == top.end()) {
      top.emplace(key, member);
      continue;
    }
    if (nulls == Nulls::kRemove && held->second.is_untyped_nil() && had_value.count(key) > 0) {
      top.erase(held);
      continue;
    }
    const TablePointer inner_below = AsTable(member);
    const TablePointer inner_top = AsTable(held->second);
    if (inner_below != nullptr && inner_top != nullptr) {
      MergeInto(*inner_top, *inner_below, JoinNames(path, key), nulls, warnings);
    } else if (inner_below != nullptr) {
      warnings.push_back(absl::StrCat("warning: cannot overwrite table with non table for ",
                                      JoinNames(path, key), " (", gotmpl::ToText(member), ")"));
    } else if (inner_top != nullptr && !member.is_untyped_nil()) {
      warnings.push_back(absl::StrCat("warning: destination for ", JoinNames(path, key),
                                      " is a table. Ignoring non-table value (",
                                      gotmpl::ToText(member), ")"));
    }
  }
}

TablePointer FindTable(const TablePointer& table, absl::string_view path) {
  TablePointer found = table;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    const auto member = found->find(name);
    if (member == found->end()) return nullptr;
    found = AsTable(member->second);
    if (found == nullptr) return nullptr;
  }
  return found;
}

const Value* FindScalar(const TablePointer& table, absl::string_view path) {
  const size_t dot = path.rfind('.');
  const TablePointer holder =
      dot == absl::string_view::npos ? table : FindTable(table, path.substr(0, dot));
  if (holder == nullptr) return nullptr;
  const auto member = holder->find(dot == absl::string_view::npos ? path : path.substr(dot + 1));
  if (member == holder->end() || AsTable(member->second) != nullptr) return nullptr;
  return &member->second;
}

std::string JoinNames(absl::string_view path, absl::string_view name) {
  return path.empty() ? std::string(name) : absl::StrCat(path, ".", name);
}

}  // namespace sluice::helm
