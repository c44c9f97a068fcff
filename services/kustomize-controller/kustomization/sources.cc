// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/sources.h"

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"

namespace sluice::kustomize_controller {

std::string ArtifactVersion(const api::Artifact& artifact) {
  return absl::StrCat(artifact.revision, " ", artifact.digest, " ",
                      absl::ToUnixMicros(artifact.last_update_time));
}

void Sources::OnArtifact(const api::SourceReference& source, const api::Artifact& artifact) {
  absl::MutexLock lock(&mutex_);
  const auto [it, added] = published_.try_emplace(source.ToString(), artifact);
  // A watch may still be showing what an event has told of long since.
  if (!added && artifact.last_update_time >= it->second.last_update_time) it->second = artifact;
}

Sources::Lookup Sources::Find(const Context& ctx, const api::SourceReference& reference) const {
  const kube::Resource* resource = api::FindKind(reference.kind);
  if (resource == nullptr || resource->group != api::kSourceGroup) {
    return {
        absl::NotFoundError(absl::StrCat("source kind '", reference.kind, "' is not supported")),
        std::nullopt};
  }
  std::optional<api::Artifact> published;
  {
    absl::MutexLock lock(&mutex_);
    const auto it = published_.find(reference.ToString());
    if (it != published_.end()) published = it->second;
  }
  const auto store = stores_.find(reference.kind);
  const kube::ObjectPtr cached =
      direct_ || store == stores_.end() ? nullptr : store->second->Find(reference.key);
  Lookup found;
  if (cached != nullptr) found.artifact = api::Artifact::Decode((*cached)["status"]["artifact"]);
  if (!found.artifact.has_value() && (cached == nullptr || published.has_value())) {
    // What the watch has not shown may have been made a moment ago; and the error is the server's.
    const auto source = client_.Get(ctx, *resource, reference.key);
    if (absl::IsNotFound(source.status())) {
      // As Flux, which asks a cache, says it.
      return {absl::NotFoundError(absl::StrCat(resource->gvk().group_kind(), " \"",
                                               reference.key.name, "\" not found")),
              std::nullopt};
    }
    if (!source.ok()) return {source.status(), std::nullopt};
    found.artifact = api::Artifact::Decode((*source)["status"]["artifact"]);
  }
  // Times are whole seconds: of two artifacts of one second the one that was told of last counts.
  if (published.has_value() && found.artifact.has_value() &&
      published->last_update_time >= found.artifact->last_update_time) {
    found.artifact = std::move(published);
  }
  return found;
}

}  // namespace sluice::kustomize_controller
