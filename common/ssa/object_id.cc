// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/object_id.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::ssa {
namespace {

bool MayHoldColons(absl::string_view kind) {
  return kind == "Role" || kind == "ClusterRole" || kind == "RoleBinding" ||
         kind == "ClusterRoleBinding";
}

}  // namespace

ObjectId ObjectId::Of(const Value& object) { return {kube::KeyOf(object), kube::GvkOf(object)}; }

std::string ObjectId::ToString() const {
  std::string name = key.name;
  if (MayHoldColons(gvk.kind)) absl::StrReplaceAll({{":", "__"}}, &name);
  return absl::StrCat(key.ns, "_", name, "_", gvk.group, "_", gvk.kind);
}

std::string ObjectId::Subject() const { return kube::Subject(gvk.kind, key); }

absl::StatusOr<ObjectId> ObjectId::Parse(absl::string_view id, absl::string_view version) {
  // Namespace from the left, kind and group from the right; the name between may hold "_".
  const size_t first = id.find('_');
  const size_t last = id.rfind('_');
  if (first == absl::string_view::npos || last == first) {
    return absl::InvalidArgumentError(absl::StrCat("unable to parse inventory id \"", id, "\""));
  }
  const absl::string_view middle = id.substr(first + 1, last - first - 1);
  const size_t group_start = middle.rfind('_');
  if (group_start == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("unable to parse inventory id \"", id, "\""));
  }
  ObjectId result;
  result.key.ns = std::string(id.substr(0, first));
  result.key.name = std::string(middle.substr(0, group_start));
  result.gvk = {std::string(middle.substr(group_start + 1)), std::string(version),
                std::string(id.substr(last + 1))};
  if (result.key.name.empty() || result.gvk.kind.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("unable to parse inventory id \"", id, "\""));
  }
  if (MayHoldColons(result.gvk.kind)) absl::StrReplaceAll({{"__", ":"}}, &result.key.name);
  return result;
}

absl::StatusOr<Inventory> DecodeInventory(const Value& inventory) {
  Inventory result;
  for (const Value& entry : inventory["entries"].items()) {
    ASSIGN_OR_RETURN(ObjectId id, ObjectId::Parse(entry["id"].str(), entry["v"].str()));
    result.push_back(std::move(id));
  }
  return result;
}

Value EncodeInventory(const Inventory& inventory) {
  Value entries = Value::EmptyArray();
  for (const ObjectId& id : inventory) {
    entries.Append(Value{{"id", id.ToString()}, {"v", id.gvk.version}});
  }
  return {{"entries", std::move(entries)}};
}

Inventory Difference(const Inventory& before, const Inventory& after) {
  absl::flat_hash_set<std::string> kept;
  for (const ObjectId& id : after) kept.insert(id.ToString());
  Inventory result;
  std::copy_if(before.begin(), before.end(), std::back_inserter(result),
               [&](const ObjectId& id) { return !kept.contains(id.ToString()); });
  return result;
}

Inventory Union(const Inventory& a, const Inventory& b) {
  Inventory result = a;
  const Inventory only_b = Difference(b, a);
  result.insert(result.end(), only_b.begin(), only_b.end());
  return result;
}

}  // namespace sluice::ssa
