// What identifies a resource inside a build: group, version, kind, name and namespace.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::kustomize {

class MergeSchema;

// Views of texts that outlive the build's use of them (a NodeArena's, or constants).
struct Gvk {
  absl::string_view group;
  absl::string_view version;
  absl::string_view kind;

  friend bool operator==(const Gvk&, const Gvk&) = default;

  // The apiVersion field.
  std::string ApiVersion() const;
  // "Kind.version.group", with [noKind], [noVer] and [noGrp] for what is empty.
  std::string ToString() const;
  // "group_version_Kind", with ~G, ~V and ~K for what is empty: by which kinds are sorted.
  std::string ToSortText() const;
  // Whether this is what `selector` asks for; its empty parts ask for nothing.
  bool IsSelected(const Gvk& selector) const {
    return (selector.group.empty() || selector.group == group) &&
           (selector.version.empty() || selector.version == version) &&
           (selector.kind.empty() || selector.kind == kind);
  }
};

// Sets group and version from an apiVersion field.
void ParseApiVersion(absl::string_view api_version, Gvk& gvk);

// The well-known kinds that come before all others, and those that come after them, in order.
std::span<const absl::string_view> FirstKinds();
std::span<const absl::string_view> LastKinds();

// The order of `a` before `b` in configuration tables: well-known kinds as they should be applied,
// then the rest by group, version and kind.
bool GvkLess(const Gvk& a, const Gvk& b);

// The namespace that a cluster-wide object counts as being in.
inline constexpr absl::string_view kNoNamespace = "_non_namespaceable_";

struct ResourceId {
  Gvk gvk;
  absl::string_view name;
  absl::string_view namespace_name;  // as written; empty if it is not
  bool cluster_scoped = false;

  absl::string_view EffectiveNamespace() const {
    if (cluster_scoped) return kNoNamespace;
    return namespace_name.empty() ? absl::string_view("default") : namespace_name;
  }
  // Equality where no namespace and "default" are the same.
  bool Equals(const ResourceId& other) const {
    return name == other.name && gvk == other.gvk &&
           EffectiveNamespace() == other.EffectiveNamespace();
  }
  // "Kind.version.group/name.namespace", as error messages name resources.
  std::string ToString() const;
  // Equal for two ids exactly when Equals().
  std::string Key() const;
};

// Whether `gvk` is certain to live outside namespaces: a built-in kind of Kubernetes 1.21, or one
// of `custom` (null: none).
bool IsClusterScoped(const Gvk& gvk, const MergeSchema* custom);

}  // namespace sluice::kustomize
