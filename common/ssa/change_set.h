// What an apply or a prune did, object by object.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/ssa/object_id.h"

namespace sluice::ssa {

enum class Action { kCreated, kConfigured, kUnchanged, kSkipped, kDeleted, kFailed };

constexpr absl::string_view ActionName(Action action) {
  switch (action) {
    case Action::kCreated:
      return "created";
    case Action::kConfigured:
      return "configured";
    case Action::kUnchanged:
      return "unchanged";
    case Action::kSkipped:
      return "skipped";
    case Action::kDeleted:
      return "deleted";
    case Action::kFailed:
      return "failed";
  }
  return "";
}

struct Change {
  ObjectId id;
  Action action;

  bool changed() const { return action == Action::kCreated || action == Action::kConfigured; }
  // "Kind/ns/name created".
  std::string ToString() const { return absl::StrCat(id.Subject(), " ", ActionName(action)); }
};

using ChangeSet = std::vector<Change>;

// One line for each change that `wanted` accepts, in order; "" if none.
template <typename Predicate>
std::string Lines(const ChangeSet& changes, Predicate wanted) {
  std::string text;
  for (const Change& change : changes) {
    if (!wanted(change)) continue;
    absl::StrAppend(&text, text.empty() ? "" : "\n", change.ToString());
  }
  return text;
}

inline Inventory InventoryOf(const ChangeSet& changes) {
  Inventory inventory;
  for (const Change& change : changes) inventory.push_back(change.id);
  return inventory;
}

}  // namespace sluice::ssa
