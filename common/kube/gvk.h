// Group, version and kind of an object, and the resource (URL) that serves it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::kube {

struct GroupVersionKind {
  std::string group;  // "" for core
  std::string version;
  std::string kind;

  // "apps/v1", or "v1" for core.
  std::string api_version() const;
  // "Deployment.apps", or "Pod" for core.
  std::string group_kind() const;

  friend auto operator<=>(const GroupVersionKind&, const GroupVersionKind&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const GroupVersionKind& gvk) {
    return H::combine(std::move(state), gvk.group, gvk.version, gvk.kind);
  }
};

// "apps/v1" -> {"apps", "v1"}; "v1" -> {"", "v1"}.
std::pair<std::string, std::string> SplitApiVersion(absl::string_view api_version);
GroupVersionKind ParseGvk(absl::string_view api_version, absl::string_view kind);

// Where objects of a kind are served.
struct Resource {
  std::string group;
  std::string version;
  std::string plural;  // lower case
  std::string kind;
  bool namespaced = true;

  GroupVersionKind gvk() const { return {group, version, kind}; }
  // "/apis/apps/v1/namespaces/<ns>/deployments[/<name>]"; names are escaped. An empty `ns` of a
  // namespaced resource is all namespaces.
  std::string Path(absl::string_view ns, absl::string_view name = "") const;
  // "deployments.apps", or "pods".
  std::string group_resource() const;

  friend bool operator==(const Resource&, const Resource&) = default;
};

}  // namespace sluice::kube
