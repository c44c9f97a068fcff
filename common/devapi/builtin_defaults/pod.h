// Defaults of pods and of the pod templates in other kinds.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::devapi {

// Sets `key` of `object` if it is absent.
void SetDefault(Value& object, absl::string_view key, Value value);

// The spec of a pod or of a template.
void ApplyPodSpecDefaults(Value& spec);

// What only a pod itself gets: requests from limits, service links, host ports.
void ApplyPodDefaults(Value& pod);

// The spec of a claim, also of those in templates.
void ApplyClaimSpecDefaults(Value& spec);

}  // namespace sluice::devapi
