// spec.dependsOn, which Flux has for objects of one kind: here a dependency may be of any kind.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/api/meta/reference.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"

namespace sluice::ssa {

// "dependency 'ns/name'", or "dependency 'Kind/ns/name'" for one of another kind: for messages.
std::string DependencyName(const api::Dependency& dependency);

// The object depended on, as the API server has it now. `own` is the kind of the object that
// depends. The errors of Discovery::Resolve() and Client::Get().
absl::StatusOr<Value> ReadDependency(const Context& ctx, kube::Client& client,
                                     kube::Discovery& discovery, const kube::Resource& own,
                                     const api::Dependency& dependency);

}  // namespace sluice::ssa
