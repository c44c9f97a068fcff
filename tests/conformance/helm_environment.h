// The world of the templates that runners render: a fixed time and bytes that are not random, as
// what depends on them is masked.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/gotmpl/environment.h"

namespace sluice::conformance {

gotmpl::Environment& HelmEnvironment();

}  // namespace sluice::conformance
