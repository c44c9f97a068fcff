// The documents that the benchmarks read and print.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "common/value/value.h"

namespace sluice::bench {

// The `index`th of many Deployments: some 2 kB as JSON, as a controller's cache holds them.
Value Deployment(size_t index);

// A List of `count` of them as one JSON text.
std::string DeploymentListJson(size_t count);

// `count` of them as a YAML stream.
std::string DeploymentStreamYaml(size_t count);

}  // namespace sluice::bench
