// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/list_elements.h"

namespace sluice::kustomize {

void SetElement(Node* list, const Texts& keys, const Texts& values, Node* element) {
  std::vector<Node*> kept;
  kept.reserve(list->content.size() + 1);
  bool found = false;
  const bool by_field = !keys.empty() && !keys[0].empty() && !values.empty() && !values[0].empty();
  for (Node* item : list->content) {
    if (IsEmptyMap(item)) continue;
    if (!item->is_map() && by_field) {
      kept.push_back(item);
      continue;
    }
    bool matches = !values.empty();
    if (keys.size() == 1 && keys[0].empty()) {
      matches = matches && item->is_scalar() && item->text == values[0];
    } else {
      for (size_t i = 0; i < keys.size() && matches; ++i) {
        if (i < values.size()) {
          const Node* field = FieldOf(item, keys[i]);
          matches = field != nullptr && (values[i].empty() || field->text == values[i]);
        }
      }
    }
    if (!matches) {
      if (!values.empty()) kept.push_back(item);
      continue;
    }
    found = true;
    if (element != nullptr) kept.push_back(element);
  }
  list->content = std::move(kept);
  if (!found && !IsMissingOrNull(element)) list->content.push_back(element);
}

std::pair<Texts, Texts> UsedKeys(const std::vector<Texts>& all, const Texts& keys,
                                 const Texts& values) {
  std::vector<bool> used(keys.size(), false);
  bool any = false;
  for (const Texts& row : all) {
    for (size_t i = 0; i < row.size() && i < keys.size(); ++i) {
      if (!row[i].empty()) used[i] = any = true;
    }
  }
  if (!any) return {keys, values};
  std::pair<Texts, Texts> result;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (used[i]) result.first.push_back(keys[i]);
    if (i < values.size() && (!values[i].empty() || used[i])) result.second.push_back(values[i]);
  }
  return result;
}

void UnifyRows(std::vector<Texts>& rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const Texts first = rows[i];
    for (size_t j = 0; j < rows.size(); ++j) {
      const Texts second = rows[j];
      if (first.size() != second.size()) continue;
      Texts merged;
      bool common = false;
      bool conflict = false;
      for (size_t k = 0; k < first.size(); ++k) {
        if (first[k] == second[k]) {
          common = true;
          merged.push_back(first[k]);
        } else if (!first[k].empty() && !second[k].empty()) {
          conflict = true;
          break;
        } else {
          merged.push_back(first[k].empty() ? second[k] : first[k]);
        }
      }
      if (conflict || !common) continue;
      rows[i] = merged;
      rows[j] = merged;
    }
  }
}

}  // namespace sluice::kustomize
