// What an object of ours refers to: the ways along which a cause is looked for.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/ssa/object_id.h"
#include "common/value/value.h"

namespace sluice::explain {

struct Reference {
  std::string relation;  // the field's name, or what it stands for: "sourceRef", "chart"
  ssa::ObjectId object;
};

// An object of one of our kinds, by name.
ssa::ObjectId OwnObject(absl::string_view kind, absl::string_view ns, absl::string_view name);

// Where the object's content comes from, in the order of its spec: the source of a Kustomization,
// the chart of a HelmRelease and the chart's own source, included repositories, the repository of
// an ImagePolicy. Empty for kinds that begin the chain.
std::vector<Reference> SourcesOf(const Value& object);

// spec.dependsOn: of the object's own kind unless an entry names another.
std::vector<Reference> DependenciesOf(const Value& object);

}  // namespace sluice::explain
