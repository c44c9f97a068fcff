// Fields that a built-in kind does not have. The API server refuses to apply them; Flux drops them
// before, by the types that it was built with (spec/kustomize.md §4.2). We go by what the server
// says, so its version decides, not ours.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "common/kube/gvk.h"
#include "common/value/value.h"

namespace sluice::ssa {

// Whether unknown fields of such objects are dropped: kinds of Kubernetes itself but Role and
// ClusterRole.
bool DropsUndeclared(const kube::GroupVersionKind& gvk);

// If `error` is the server's refusal of a field that the schema does not declare: takes that field
// out of `object`, and returns its path (".spec.replica"). nullopt otherwise, or if the field
// cannot be found.
std::optional<std::string> DropUndeclared(const absl::Status& error, Value& object);

}  // namespace sluice::ssa
