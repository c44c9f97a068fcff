// What wakes a Kustomization besides its own changes: a new artifact of its source, by event or by
// watch, a dependency that became ready, the objects that it applied, and the ConfigMaps and
// Secrets that it refers to.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/api/meta/artifact.h"
#include "common/api/meta/reference.h"
#include "common/base/clock.h"
#include "common/live_objects/live_objects.h"
#include "common/runtime/controller.h"
#include "common/runtime/informer.h"
#include "common/runtime/reference_index.h"
#include "services/kustomize-controller/kustomization/config_watch.h"
#include "services/kustomize-controller/kustomization/memory.h"
#include "services/kustomize-controller/kustomization/sources.h"

namespace sluice::kustomize_controller {

// Thread-safe. The informers' handlers refer to it: it must outlive their runs.
class Triggers {
 public:
  // All must outlive it.
  Triggers(runtime::Informer& kustomizations, runtime::Controller& controller, Sources& sources,
           Memories& memories, Clock& clock);

  // From now on new artifacts seen by `sources` wake who uses them. Before its Start().
  void Watch(runtime::Informer& sources);

  // From now on changes of ConfigMaps and Secrets that `configs` sees wake who refers to them.
  // Before its Start().
  void Watch(ConfigWatch& configs);

  // `source` has published `artifact`: wakes who uses it, but not who is at that revision already.
  void OnArtifact(const api::SourceReference& source, const api::Artifact& artifact);

  // `kustomization` was found to be as `revision` wants it, which its status does not say yet.
  void OnVerified(const kube::ObjectKey& kustomization) { WakeDependents(kustomization); }

  // An object of a Kustomization has changed: wakes who waits for its health, and who believed a
  // moment ago, on the word of a watch that lagged behind, that it was as it should be.
  void OnLiveChange(const live_objects::LiveChange& change);

 private:
  void OnKustomization(const runtime::Change& change);
  void OnConfig(const std::string& subject);
  void WakeDependents(const kube::ObjectKey& kustomization);

  const runtime::Store& store_;
  runtime::Controller& controller_;
  Sources& sources_;
  Memories& memories_;
  Clock& clock_;
  // Who refers to "Kind/ns/name", as source, dependency or configuration.
  runtime::ReferenceIndex index_;
  absl::Mutex mutex_;
  // The last artifact that was told of, by source: event and watch tell of each.
  absl::flat_hash_map<std::string, std::string> announced_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::kustomize_controller
