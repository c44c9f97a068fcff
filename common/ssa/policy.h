// The labels and annotations with which an object decides how it is handled (spec/kustomize.md
// §1.4, §4.5). All sit under the owner's group, kustomize.toolkit.fluxcd.io.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::ssa {

// Whether a label or annotation <group>/<key> of `object` is `value`, compared without case.
bool HasPolicy(const Value& object, absl::string_view group, absl::string_view key,
               absl::string_view value);

enum class ApplyPolicy { kOverride, kMerge, kIfNotPresent, kIgnore };

// From <group>/ssa on `object`; absent and unknown are kOverride.
ApplyPolicy ApplyPolicyOf(const Value& object, absl::string_view group);

}  // namespace sluice::ssa
