// What wakes a HelmRelease besides its own changes: a new artifact of its chart, by event or by
// watch, a dependency that became ready, a ConfigMap or Secret that it refers to.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/api/meta/reference.h"
#include "common/runtime/controller.h"
#include "common/runtime/informer.h"
#include "common/runtime/reference_index.h"
#include "services/helm-controller/helm_release/source_stores.h"

namespace sluice::helm_controller {

// Thread-safe. The informers' handlers refer to it: it must outlive their runs.
class Triggers {
 public:
  // All must outlive it.
  Triggers(runtime::Informer& releases, runtime::Controller& controller, SourceStores& sources);

  // From now on what `sources`, or `configs`, see wakes who uses it. Before their Start().
  void WatchSources(runtime::Informer& sources);
  void WatchConfigs(runtime::Informer& configs);

  // `source` has published `revision`: wakes who uses it, but not who is at that revision already.
  void OnArtifact(const api::SourceReference& source, const std::string& revision,
                  const std::string& digest);

 private:
  void OnRelease(const runtime::Change& change);

  const runtime::Store& store_;
  runtime::Controller& controller_;
  SourceStores& sources_;
  // Who refers to "Kind/ns/name", as source, dependency or configuration.
  runtime::ReferenceIndex index_;
};

}  // namespace sluice::helm_controller
