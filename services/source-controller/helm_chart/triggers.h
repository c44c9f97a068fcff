// Wakes HelmCharts when the source that they are built from has something new.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/runtime/controller.h"
#include "common/runtime/informer.h"
#include "common/runtime/reference_index.h"

namespace sluice::source_controller {

// Thread-safe. What it is given must outlive it, and it the informers' threads.
class ChartTriggers {
 public:
  // `charts` are the HelmCharts that `controller` works on. Before the informers start.
  ChartTriggers(runtime::Informer& charts, runtime::Controller& controller);

  // Follows a kind of source.
  void Follow(runtime::Informer& sources);

 private:
  const runtime::Store& charts_;
  runtime::Controller& controller_;
  runtime::ReferenceIndex sources_;  // "Kind/ns/name" of the source, to its charts
};

}  // namespace sluice::source_controller
