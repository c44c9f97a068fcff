// dependsOn: may this Kustomization be applied yet? (spec/kustomize.md §2.3)

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/api/kustomize/kustomization.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "services/kustomize-controller/kustomization/memory.h"

namespace sluice::kustomize_controller {

enum class DependencyState {
  kReady,
  kNotReady,
  kInvalid,  // an expression is at fault: trying again does not help
};

struct DependencyCheck {
  DependencyState state = DependencyState::kReady;
  absl::Status error;  // worded as Flux words it
};

// Whether every dependency is ready and, where it has the same source, has applied `revision`; the
// first that is not decides. `self` is the whole Kustomization. With `additive`, a readyExpr adds
// to that rule instead of taking its place.
DependencyCheck CheckDependencies(const Context& ctx, const Neighbours& neighbours,
                                  kube::Client& client, const Value& self,
                                  const api::KustomizationSpec& spec, const std::string& revision,
                                  bool additive);

}  // namespace sluice::kustomize_controller
