// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/json_diff.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/value/json_patch.h"

namespace sluice::helm_controller {
namespace {

void Compare(const Value& before, const Value& after, const std::string& path, Value& patch);

void CompareObjects(const Value& before, const Value& after, const std::string& path,
                    Value& patch) {
  for (const value::Member& member : before.members()) {
    const std::string at = absl::StrCat(path, "/", value::EscapeJsonPointer(member.key));
    if (const Value* const now = after.Find(member.key)) {
      Compare(member.value, *now, at, patch);
    } else {
      patch.Append({{"op", "remove"}, {"path", at}});
    }
  }
  for (const value::Member& member : after.members()) {
    if (before.Has(member.key)) continue;
    patch.Append({{"op", "add"},
                  {"path", absl::StrCat(path, "/", value::EscapeJsonPointer(member.key))},
                  {"value", member.value}});
  }
}

void CompareLists(const Value& before, const Value& after, const std::string& path, Value& patch) {
  const size_t common = std::min(before.size(), after.size());
  for (size_t i = 0; i < common; ++i) {
    Compare(before.at(i), after.at(i), absl::StrCat(path, "/", i), patch);
  }
  for (size_t i = before.size(); i > common; --i) {
    patch.Append({{"op", "remove"}, {"path", absl::StrCat(path, "/", i - 1)}});
  }
  for (size_t i = common; i < after.size(); ++i) {
    patch.Append({{"op", "add"}, {"path", absl::StrCat(path, "/-")}, {"value", after.at(i)}});
  }
}

void Compare(const Value& before, const Value& after, const std::string& path, Value& patch) {
  if (before.is_object() && after.is_object()) {
    CompareObjects(before, after, path, patch);
  } else if (before.is_array() && after.is_array()) {
    CompareLists(before, after, path, patch);
  } else if (before != after) {
    patch.Append({{"op", "replace"}, {"path", path}, {"value", after}});
  }
}

}  // namespace

Value JsonDiff(const Value& before, const Value& after, const std::string& path) {
  Value patch = Value::EmptyArray();
  Compare(before, after, path, patch);
  return patch;
}

}  // namespace sluice::helm_controller
