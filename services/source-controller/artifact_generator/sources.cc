// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/artifact_generator/sources.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/kinds.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"

namespace sluice::source_controller {

absl::StatusOr<ObservedSources> ObserveSources(const Context& ctx, kube::Client& client,
                                               const std::vector<api::GeneratorSource>& sources) {
  ObservedSources observed;
  for (const api::GeneratorSource& source : sources) {
    const api::SourceReference& reference = source.reference;
    const kube::Resource* resource = api::FindKind(reference.kind);
    // An index of charts is no archive that could be copied from.
    if (resource == nullptr || resource->group != api::kSourceGroup ||
        reference.kind == "HelmRepository") {
      return absl::InvalidArgumentError(absl::StrCat("source `", reference.key.name, "` kind '",
                                                     reference.kind, "' not supported"));
    }
    const auto object = client.Get(ctx, *resource, reference.key);
    if (absl::IsNotFound(object.status())) return object.status();
    if (!object.ok()) {
      return Annotate(object.status(),
                      absl::StrCat("unable to get source '", reference.key.ToString(), "'"));
    }
    auto artifact = api::Artifact::Decode((*object)["status"]["artifact"]);
    if (!artifact.has_value()) {
      return absl::UnavailableError(
          absl::StrCat("source '", reference.ToString(), "' is not ready"));
    }
    observed[source.alias] = *std::move(artifact);
  }
  return observed;
}

std::string ObservedSourcesDigest(const ObservedSources& sources) {
  std::vector<std::string> parts;
  for (const auto& [alias, artifact] : sources) {
    parts.push_back(absl::StrCat(alias, "=[digest=", artifact.digest,
                                 ",revision=", artifact.revision, ",url=", artifact.url, "]"));
  }
  std::sort(parts.begin(), parts.end());
  return absl::StrCat("sha256:", crypto::Sha256Hex(absl::StrJoin(parts, "|")));
}

absl::StatusOr<artifact_composition::SourceTrees> OpenSources(const Context& ctx,
                                                              const artifact::Storage& storage,
                                                              artifact::Fetcher& fetcher,
                                                              const ObservedSources& sources) {
  artifact_composition::SourceTrees trees;
  for (const auto& [alias, artifact] : sources) {
    api::Artifact ours = artifact;
    storage.SetUrl(ours);
    if (ours.url == artifact.url && storage.Verify(ctx, artifact).ok()) {
      ASSIGN_OR_RETURN(trees[alias], storage.Unpack(ctx, artifact));
    } else {
      ASSIGN_OR_RETURN(trees[alias], fetcher.Fetch(ctx, artifact));
    }
  }
  return trees;
}

}  // namespace sluice::source_controller
