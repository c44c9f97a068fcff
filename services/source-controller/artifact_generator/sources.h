// What an ArtifactGenerator composes from: the artifacts of its sources.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/api/meta/artifact.h"
#include "common/api/source/artifact_generator.h"
#include "common/artifact/fetcher.h"
#include "common/artifact/storage.h"
#include "common/artifact_composition/copy.h"
#include "common/base/context.h"
#include "common/kube/client.h"

namespace sluice::source_controller {

// Artifacts by the alias of their source.
using ObservedSources = std::map<std::string, api::Artifact>;

// The artifacts that the sources have now. The API server's kNotFound for a source that is missing;
// kUnavailable for one that has no artifact.
absl::StatusOr<ObservedSources> ObserveSources(const Context& ctx, kube::Client& client,
                                               const std::vector<api::GeneratorSource>& sources);

// Of what was observed, for status.observedSourcesDigest: the same as source-watcher's.
std::string ObservedSourcesDigest(const ObservedSources& sources);

// The content of the sources: from storage where it is ours, else downloaded. Digests are verified.
absl::StatusOr<artifact_composition::SourceTrees> OpenSources(const Context& ctx,
                                                              const artifact::Storage& storage,
                                                              artifact::Fetcher& fetcher,
                                                              const ObservedSources& sources);

}  // namespace sluice::source_controller
