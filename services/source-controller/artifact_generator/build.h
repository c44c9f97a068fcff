// From a plan to an artifact in storage.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/api/meta/artifact.h"
#include "common/api/meta/reference.h"
#include "common/api/source/artifact_generator.h"
#include "common/artifact/storage.h"
#include "common/artifact_composition/copy.h"
#include "common/base/context.h"

namespace sluice::source_controller {

// Composes `output` out of `sources` and stores it as the artifact of `target`, an
// ExternalArtifact, with the revision "latest@<digest>". What Flux leaves out of every artifact by
// default (pictures, archives, files of CI systems) is left out here too.
//
// The file is named after what is in it, so that if `before`, what `target` has now, has the same
// content and is whole in storage, it is given back unchanged but for URL and revision.
absl::StatusOr<api::Artifact> BuildArtifact(const Context& ctx, artifact::Storage& storage,
                                            const api::OutputArtifact& output,
                                            const artifact_composition::SourceTrees& sources,
                                            const api::SourceReference& target,
                                            const std::optional<api::Artifact>& before);

}  // namespace sluice::source_controller
