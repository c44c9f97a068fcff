// The objects of a manifest, and where the API server has them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/helm_release/record.h"
#include "common/kube/discovery.h"
#include "common/kube/gvk.h"
#include "common/kube/object.h"
#include "common/value/value.h"

namespace sluice::helm_controller {

struct Resource {
  Value object;
  kube::Resource at;
  uint64_t applied_version = 0;  // the resourceVersion that our last write gave it, if known

  kube::ObjectKey key() const { return kube::KeyOf(object); }
  // "ns/name apps/v1, Kind=Deployment": how Helm names objects in errors.
  std::string ToString() const;
  // Whether it is the same object; another version of the kind is.
  bool SameObject(const Resource& other) const {
    return at.group == other.at.group && at.kind == other.at.kind && key() == other.key();
  }
};

using Resources = std::vector<Resource>;

// The objects of a manifest in its order, items of lists by themselves, namespaced ones that name
// no namespace in `ns`. kInvalidArgument for text that is no objects; kFailedPrecondition, naming
// all of them, if the API server does not serve some kinds; other errors of the API.
absl::StatusOr<Resources> BuildResources(const Context& ctx, kube::Discovery& discovery,
                                         absl::string_view manifest, const std::string& ns);

// The label and the annotations by which Helm knows its objects. They are on what is applied, not
// in the stored manifest.
void SetOwnership(const std::string& release, const std::string& ns, Resources& resources);
// OK if the live object has them; else kFailedPrecondition in Helm's words (spec/helm.md §5.8).
absl::Status CheckOwnership(const std::string& release, const std::string& ns, const Value& live);

// Whether the annotation helm.sh/resource-policy is `keep`, and whether it is there at all.
bool KeepsResource(const Value& object);
bool HasResourcePolicy(const Value& object);

}  // namespace sluice::helm_controller
