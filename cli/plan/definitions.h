// The CustomResourceDefinitions of Flux's kinds as the chart has them, in the program.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::plan {

struct DefinitionFile {
  absl::string_view name;     // "<group>_<plural>.yaml"
  absl::string_view content;  // YAML
};

// Valid for as long as the program runs.
std::vector<DefinitionFile> FluxDefinitions();

}  // namespace sluice::plan
