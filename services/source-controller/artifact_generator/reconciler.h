// The work loop's side of ArtifactGenerators, and what wakes them: a new artifact of one of their
// sources, and one of what they made that somebody deleted.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/artifact/fetcher.h"
#include "common/runtime/controller.h"
#include "common/runtime/informer.h"
#include "common/runtime/reconciler.h"
#include "common/runtime/reference_index.h"
#include "common/runtime/store.h"
#include "services/source-controller/source/collaborators.h"

namespace sluice::source_controller {

// Thread-safe.
class ArtifactGeneratorReconciler : public runtime::Reconciler {
 public:
  // `store`, what `with` refers to and `fetcher` must outlive it.
  ArtifactGeneratorReconciler(const runtime::Store& store, const Collaborators& with,
                              artifact::Fetcher& fetcher);

  absl::StatusOr<runtime::Action> Reconcile(const Context& ctx,
                                            const kube::ObjectKey& key) override;

 private:
  const runtime::Store& store_;
  const Collaborators& with_;
  artifact::Fetcher& fetcher_;
};

// Thread-safe. What it is given must outlive it, and it the informers' threads.
class GeneratorTriggers {
 public:
  // `generators` are those that `controller` works on. Before the informers start.
  GeneratorTriggers(runtime::Informer& generators, runtime::Controller& controller);

  // Follows a kind of source, ExternalArtifact among them.
  void Follow(runtime::Informer& sources);

 private:
  runtime::Controller& controller_;
  runtime::ReferenceIndex sources_;  // "Kind/ns/name" of a source, to its generators
};

}  // namespace sluice::source_controller
