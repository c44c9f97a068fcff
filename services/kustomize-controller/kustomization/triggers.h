// What wakes a Kustomization besides its own changes: a new artifact of its source, by event or by
// watch, and a dependency that became ready.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/api/meta/reference.h"
#include "common/runtime/controller.h"
#include "common/runtime/informer.h"
#include "common/runtime/reference_index.h"

namespace sluice::kustomize_controller {

// Thread-safe. The informers' handlers refer to it: it must outlive their runs.
class Triggers {
 public:
  // `kustomizations` and `controller` must outlive it.
  Triggers(runtime::Informer& kustomizations, runtime::Controller& controller);

  // From now on new artifacts seen by `sources` wake who uses them. Before its Start().
  void Watch(runtime::Informer& sources);

  // `source` has published `revision`: wakes who uses it, but not who is at that revision already.
  void OnArtifact(const api::SourceReference& source, const std::string& revision);

 private:
  void OnKustomization(const runtime::Change& change);

  const runtime::Store& store_;
  runtime::Controller& controller_;
  // Who refers to "Kind/ns/name", as source or dependency.
  runtime::ReferenceIndex index_;
};

}  // namespace sluice::kustomize_controller
