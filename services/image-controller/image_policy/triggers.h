// What wakes an ImagePolicy besides its own changes: its ImageRepository comes, goes, or has other
// tags.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/runtime/controller.h"
#include "common/runtime/informer.h"
#include "common/runtime/reference_index.h"

namespace sluice::image_controller {

// Thread-safe. The informers' handlers refer to it: it must outlive their runs.
class PolicyTriggers {
 public:
  // Before Start() of both informers; all must outlive it.
  PolicyTriggers(runtime::Informer& policies, runtime::Controller& controller,
                 runtime::Informer& repositories);

 private:
  runtime::Controller& controller_;
  runtime::ReferenceIndex index_;  // who refers to "ns/name"
};

}  // namespace sluice::image_controller
