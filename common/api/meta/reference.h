// References between objects.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::api {

// An object of a known group: a Kustomization's source, for example.
struct SourceReference {
  std::string kind;
  kube::ObjectKey key;

  // "GitRepository/ns/name".
  std::string ToString() const { return absl::StrCat(kind, "/", key.ToString()); }
  friend auto operator<=>(const SourceReference&, const SourceReference&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const SourceReference& reference) {
    return H::combine(std::move(state), reference.kind, reference.key);
  }
};

// An entry of spec.dependsOn.
struct Dependency {
  kube::ObjectKey key;
  std::string ready_expression;  // readyExpr; "" where Ready decides
  // Of the object depended on; "" is the kind of the object that depends: our own addition.
  std::string api_version;
  std::string kind;

  bool same_kind() const { return kind.empty(); }
};

// The list spec.dependsOn of an object of kind `own_kind` in namespace `ns`.
std::vector<Dependency> DecodeDependencies(absl::string_view own_group, absl::string_view own_kind,
                                           const std::string& ns, const Value& list);

}  // namespace sluice::api
