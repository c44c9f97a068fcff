// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/three_way.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/kustomize/merge_schema.h"
#include "common/kustomize/resource_id.h"

namespace sluice::helm_controller {
namespace {

using kustomize::FieldType;

bool SameNumber(const Value& a, const Value& b) {
  return a.is_number() && b.is_number() && a.double_or(0) == b.double_or(0);
}

// The element of `list` with the keys of `like`, or nullptr.
const Value* FindElement(const Value& list, const Value& like,
                         const std::vector<absl::string_view>& keys) {
  for (const Value& element : list.items()) {
    const bool same = std::all_of(keys.begin(), keys.end(),
                                  [&](absl::string_view key) { return element[key] == like[key]; });
    if (same) return &element;
  }
  return nullptr;
}

Value KeysOf(const Value& element, const std::vector<absl::string_view>& keys) {
  Value result = Value::EmptyObject();
  for (const absl::string_view key : keys) {
    if (!element[key].is_null()) result.Set(key, element[key]);
  }
  return result;
}

bool Contains(const Value& list, const Value& scalar) {
  const auto items = list.items();
  return std::find(items.begin(), items.end(), scalar) != items.end();
}

// The server tells elements apart by the first key that the schema names for a patch. Elements that
// lack it cannot be merged.
bool CanMerge(const Value& list, const std::vector<absl::string_view>& keys) {
  return std::all_of(list.items().begin(), list.items().end(), [&](const Value& element) {
    return element.is_object() && !element[keys.front()].is_null();
  });
}

Value PatchObject(FieldType type, const Value& original, const Value& modified, const Value& live);

// Lists of objects that merge by key.
Value PatchElements(FieldType type, const std::vector<absl::string_view>& keys,
                    const Value& original, const Value& modified, const Value& live) {
  Value patch = Value::EmptyArray();
  for (const Value& element : modified.items()) {
    const Value* const now = FindElement(live, element, keys);
    if (now == nullptr) {
      patch.Append(element);
      continue;
    }
    const Value* const before = FindElement(original, element, keys);
    Value change =
        PatchObject(type.Elements(), before == nullptr ? Value() : *before, element, *now);
    if (change.empty()) continue;
    const Value identity = KeysOf(element, keys);
    for (const value::Member& key : identity.members()) change.Set(key.key, key.value);
    patch.Append(std::move(change));
  }
  for (const Value& element : original.items()) {
    if (FindElement(modified, element, keys) != nullptr ||
        FindElement(live, element, keys) == nullptr) {
      continue;
    }
    Value removal = KeysOf(element, keys);
    removal.Set("$patch", "delete");
    patch.Append(std::move(removal));
  }
  return patch;
}

void PatchList(FieldType type, const std::string& key, const Value& original, const Value& modified,
               const Value& live, Value& patch) {
  if (!type.merges()) {
    if (modified != live) patch.Set(key, modified);
    return;
  }
  const std::vector<absl::string_view> all = type.merge_keys();
  if (all.empty()) {
    Value added = Value::EmptyArray();
    for (const Value& scalar : modified.items()) {
      if (!Contains(live, scalar)) added.Append(scalar);
    }
    Value removed = Value::EmptyArray();
    for (const Value& scalar : original.items()) {
      if (!Contains(modified, scalar) && Contains(live, scalar)) removed.Append(scalar);
    }
    if (!added.empty()) patch.Set(key, std::move(added));
    if (!removed.empty()) {
      patch.Set(absl::StrCat("$deleteFromPrimitiveList/", key), std::move(removed));
    }
    return;
  }
  const std::vector<absl::string_view> keys = {all.front()};
  if (!CanMerge(modified, keys) || !CanMerge(live, keys)) {
    if (modified != live) patch.Set(key, modified);
    return;
  }
  Value elements = PatchElements(type, keys, original, modified, live);
  if (!elements.empty()) patch.Set(key, std::move(elements));
}

Value PatchObject(FieldType type, const Value& original, const Value& modified, const Value& live) {
  Value patch = Value::EmptyObject();
  for (const value::Member& member : modified.members()) {
    const Value& wanted = member.value;
    const Value& now = live[member.key];
    if (wanted.is_null()) {
      if (!now.is_null()) patch.Set(member.key, nullptr);
    } else if (wanted.is_object() && now.is_object()) {
      Value change = PatchObject(type.Field(member.key), original[member.key], wanted, now);
      if (!change.empty()) patch.Set(member.key, std::move(change));
    } else if (wanted.is_array() && now.is_array()) {
      PatchList(type.Field(member.key), member.key, original[member.key], wanted, now, patch);
    } else if (wanted != now && !SameNumber(wanted, now)) {
      patch.Set(member.key, wanted);
    }
  }
  for (const value::Member& member : original.members()) {
    if (!modified.Has(member.key) && live.Has(member.key)) patch.Set(member.key, nullptr);
  }
  return patch;
}

kustomize::Gvk GvkOf(const kube::GroupVersionKind& gvk) {
  return {gvk.group, gvk.version, gvk.kind};
}

}  // namespace

bool IsBuiltin(const kube::GroupVersionKind& gvk) {
  return kustomize::BuiltinScope(GvkOf(gvk)) != kustomize::Scope::kUnknown &&
         gvk.kind != "CustomResourceDefinition";
}

Value ThreeWayPatch(const kube::GroupVersionKind& gvk, const Value& original, const Value& modified,
                    const Value& live) {
  const FieldType type = IsBuiltin(gvk) ? kustomize::BuiltinType(GvkOf(gvk)) : FieldType();
  return PatchObject(type, original, modified, live);
}

}  // namespace sluice::helm_controller
