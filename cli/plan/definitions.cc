// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/definitions.h"

#include "flux_definitions_data.h"

namespace sluice::plan {

std::vector<DefinitionFile> FluxDefinitions() {
  std::vector<DefinitionFile> files;
  for (const definitions::EmbeddedFile& file : definitions::EmbeddedFiles()) {
    // The embedded name is a path: "../../charts/sluice/crds/…".
    files.push_back({file.name.substr(file.name.rfind('/') + 1), file.content});
  }
  return files;
}

}  // namespace sluice::plan
