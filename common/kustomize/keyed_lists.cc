// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/keyed_lists.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"

namespace sluice::kustomize {
namespace {

std::string Joined(const Texts& values) {
  return absl::StrJoin(values, absl::string_view("\0", 1));
}

bool HasValue(const Node* item, absl::string_view key) {
  const Node* field = FieldOf(item, key);
  return !IsNilOrEmpty(field) && field->is_scalar() && !field->text.empty();
}

bool AllScalars(const Node* list) {
  return std::all_of(list->content.begin(), list->content.end(),
                     [](const Node* item) { return item->is_scalar() && !IsMissingOrNull(item); });
}

}  // namespace

std::optional<Texts> KeyedLists::KeysInUse(const Node* target, const Node* patch,
                                           const Texts& keys) {
  const Node* const first = !target->content.empty()                      ? target->content[0]
                            : patch != nullptr && !patch->content.empty() ? patch->content[0]
                                                                          : nullptr;
  if (first == nullptr) return std::nullopt;
  std::vector<bool> used;
  Texts in_use;
  for (absl::string_view key : keys) {
    used.push_back(HasValue(first, key));
    if (used.back()) in_use.push_back(key);
  }
  if (in_use.empty()) return std::nullopt;
  for (const Node* list : {target, patch}) {
    if (list == nullptr) continue;
    for (const Node* item : list->content) {
      if (!item->is_map()) return std::nullopt;
      for (size_t i = 0; i < keys.size(); ++i) {
        if (used[i] ? !HasValue(item, keys[i]) : FieldOf(item, keys[i]) != nullptr) {
          return std::nullopt;
        }
      }
    }
  }
  return in_use;
}

std::optional<KeyedLists> KeyedLists::Of(const Node* target, const Node* patch, const Texts& keys) {
  KeyedLists lists;
  if (keys.empty()) {
    if (!AllScalars(target) || (patch != nullptr && !AllScalars(patch))) return std::nullopt;
  } else {
    std::optional<Texts> in_use = KeysInUse(target, patch, keys);
    if (!in_use.has_value()) return std::nullopt;
    lists.keys_ = *std::move(in_use);
  }
  if (patch != nullptr) {
    for (Node* item : patch->content) {
      Row& row = lists.rows_[lists.RowOf(item)];
      if (row.patch == nullptr) row.patch = item;
    }
  }
  for (Node* item : target->content) {
    Row& row = lists.rows_[lists.RowOf(item)];
    if (row.target == nullptr) row.target = item;
  }
  return lists;
}

Texts KeyedLists::ValuesOf(const Node* item) const {
  if (keys_.empty()) return {item->text};
  Texts values;
  for (absl::string_view key : keys_) values.push_back(FieldOf(item, key)->text);
  return values;
}

size_t KeyedLists::RowOf(const Node* item) {
  Texts values = ValuesOf(item);
  const auto [it, added] = places_.emplace(Joined(values), rows_.size());
  if (added) rows_.push_back({.values = std::move(values)});
  return it->second;
}

std::vector<Node*> KeyedLists::Assemble(const Node* target,
                                        const std::vector<Node*>& merged) const {
  // By row, the last element of the target that has its values.
  std::vector<Node*> last(rows_.size(), nullptr);
  std::vector<size_t> order;  // rows of the target's elements
  for (Node* item : target->content) {
    const size_t place = places_.at(Joined(ValuesOf(item)));
    if (merged[place] == nullptr) continue;
    last[place] = item;
    order.push_back(place);
  }
  std::vector<Node*> elements;
  const bool in_place = keys_.size() <= 1;
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (merged[i] == nullptr) continue;
    if (last[i] == nullptr) {
      elements.push_back(merged[i]);
    } else if (in_place) {
      elements.push_back(last[i]);
    }
  }
  if (in_place) return elements;
  std::vector<Node*> moved;  // from the last occurrence on, backwards
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    if (Node* item = std::exchange(last[*it], nullptr); item != nullptr) moved.push_back(item);
  }
  elements.insert(elements.end(), moved.rbegin(), moved.rend());
  return elements;
}

}  // namespace sluice::kustomize
