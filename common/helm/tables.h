// Tables: the maps of values as templates see them, map[string]interface {}. They are shared and
// change as Go's do, so that what Helm shares by accident is shared here too.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/gotmpl/value.h"

namespace sluice::helm {

using gotmpl::Map;
using TablePointer = std::shared_ptr<Map>;

// The table that `value` is; null for anything else.
TablePointer AsTable(const gotmpl::Value& value);
gotmpl::Value FromTable(TablePointer table);

// What merging may copy in one rendering: charts that use each other under many aliases would else
// grow without bound.
class CopyBudget {
 public:
  explicit CopyBudget(size_t values) : left_(values) {}
  // kResourceExhausted when it is used up.
  absl::Status Take();

 private:
  size_t left_;
};

// A copy that shares no map or list.
absl::StatusOr<gotmpl::Value> DeepCopy(const gotmpl::Value& value, CopyBudget& budget);

// Removes nulls, also from the tables inside.
void RemoveNulls(Map& table);

// How values that are null are dealt with.
enum class Nulls : uint8_t {
  kRemove,  // one on top removes what is below it
  kKeep,
};

// Puts members of `below` that `top` does not have into it; tables on both sides are merged. What
// is worth telling the user goes to `warnings`, with `path` in front. `below` changes, too: nulls
// of `top` appear in it.
void MergeInto(Map& top, Map& below, const std::string& path, Nulls nulls,
               std::vector<std::string>& warnings);

// The table at a path of names with dots between; null if there is none.
TablePointer FindTable(const TablePointer& table, absl::string_view path);

// The value at such a path that is no table; null pointer if there is none.
const gotmpl::Value* FindScalar(const TablePointer& table, absl::string_view path);

// "a.b"; "b" if there is no "a".
std::string JoinNames(absl::string_view path, absl::string_view name);

}  // namespace sluice::helm
