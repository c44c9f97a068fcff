// Replacements: values copied from a field of one object to fields of others.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/kustomize/file_loader.h"
#include "common/kustomize/kustomization_file.h"
#include "common/kustomize/res_map.h"

namespace sluice::kustomize {

// `replacements` with those that name a file replaced by what is in it.
absl::StatusOr<std::vector<Replacement>> LoadReplacements(
    const FileLoader& loader, const std::vector<Replacement>& replacements);

absl::Status Replace(ResMap& map, const std::vector<Replacement>& replacements);

}  // namespace sluice::kustomize
