// In which order objects are applied and, backwards, deleted (spec/kustomize.md §4.3).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "common/ssa/object_id.h"
#include "common/value/value.h"

namespace sluice::ssa {

enum class Stage {
  kDefinitions,  // CRDs, Namespaces, ClusterRoles: what others need to exist
  kClasses,      // kinds that end in "Class"
  kCustom,       // --custom-apply-stage-kinds
  kEverythingElse,
};

// `custom` holds "group/Kind" names.
Stage StageOf(const ObjectId& id, const std::set<std::string>& custom);

// A total order within a stage: well-known kinds first, webhook configurations last, then by group,
// kind, namespace and name.
bool AppliedBefore(const ObjectId& a, const ObjectId& b);

}  // namespace sluice::ssa
