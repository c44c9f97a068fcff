// What wakes an ImageUpdateAutomation besides its own changes: the GitRepository's spec, a commit
// that somebody else made, and a policy that picked something else.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/api/meta/reference.h"
#include "common/runtime/controller.h"
#include "common/runtime/informer.h"
#include "common/runtime/reference_index.h"

namespace sluice::image_controller {

// Thread-safe. The informers' handlers refer to it: it must outlive their runs.
class AutomationTriggers {
 public:
  // Before Start() of the informers; all must outlive it.
  AutomationTriggers(runtime::Informer& automations, runtime::Controller& controller,
                     runtime::Informer& policies, runtime::Informer& repositories);

  // A GitRepository has published `revision`: wakes who edits it, but not who made that commit or
  // has looked at it.
  void OnArtifact(const api::SourceReference& source, const std::string& revision);

 private:
  void OnPolicy(const runtime::Change& change);

  const runtime::Store& store_;
  runtime::Controller& controller_;
  runtime::ReferenceIndex index_;  // who refers to the GitRepository "ns/name"
};

}  // namespace sluice::image_controller
