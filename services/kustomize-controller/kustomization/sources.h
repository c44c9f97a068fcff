// The newest artifact of each source, from watches and artifact events.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/api/meta/artifact.h"
#include "common/api/meta/reference.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/runtime/store.h"

namespace sluice::kustomize_controller {

// Tells an artifact from every other; one that was stored anew counts as another.
std::string ArtifactVersion(const api::Artifact& artifact);

// Thread-safe. `client` and the stores must outlive it.
class Sources {
 public:
  // With `direct`, sources are read from the API server (gate DirectSourceFetch).
  Sources(kube::Client& client, bool direct) : client_(client), direct_(direct) {}

  // Sources of `kind` are found in `store`. Before anything is looked up.
  void Add(const std::string& kind, const runtime::Store& store) { stores_[kind] = &store; }

  // `source` has published `artifact`, which the watch may not have shown yet.
  void OnArtifact(const api::SourceReference& source, const api::Artifact& artifact);

  struct Lookup {
    absl::Status error;  // the source cannot be read
    std::optional<api::Artifact> artifact;
  };
  Lookup Find(const Context& ctx, const api::SourceReference& reference) const;

 private:
  kube::Client& client_;
  const bool direct_;
  absl::flat_hash_map<std::string, const runtime::Store*> stores_;  // by kind
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, api::Artifact> published_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::kustomize_controller
