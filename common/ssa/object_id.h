// ObjectId: what an inventory remembers of an applied object (spec/kustomize.md §4.7).
//
//   <namespace>_<name>_<group>_<kind>      "default_web_apps_Deployment", "_apps__Namespace"
//
// In names of RBAC kinds ":" is written "__".

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/kube/gvk.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::ssa {

struct ObjectId {
  kube::ObjectKey key;
  kube::GroupVersionKind gvk;

  static ObjectId Of(const Value& object);
  // From an inventory entry. kInvalidArgument quoting `id`.
  static absl::StatusOr<ObjectId> Parse(absl::string_view id, absl::string_view version);

  // Without the version.
  std::string ToString() const;
  // "Kind/ns/name".
  std::string Subject() const;
  // Whether it is the same object; another version of a kind is.
  bool SameObject(const ObjectId& other) const {
    return key == other.key && gvk.group == other.gvk.group && gvk.kind == other.gvk.kind;
  }
};

// status.inventory of a Kustomization.
using Inventory = std::vector<ObjectId>;
// Entries that do not parse are an error: forgetting one would leave its object behind for good.
absl::StatusOr<Inventory> DecodeInventory(const Value& inventory);
Value EncodeInventory(const Inventory& inventory);
// What `before` holds and `after` does not.
Inventory Difference(const Inventory& before, const Inventory& after);
// `a`, then what only `b` holds.
Inventory Union(const Inventory& a, const Inventory& b);

}  // namespace sluice::ssa
