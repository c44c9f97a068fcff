// What all reconciliations of HelmReleases share.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/artifact/fetcher.h"
#include "common/base/clock.h"
#include "common/helm/chart_cache.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/runtime/events.h"
#include "common/trace/tracer.h"
#include "services/helm-controller/action/capabilities.h"
#include "services/helm-controller/options.h"

namespace sluice::helm_controller {

// All must outlive what uses it, and is thread-safe.
struct Services {
  kube::Client& client;  // as the controller itself
  kube::Discovery& discovery;
  CapabilitiesCache& capabilities;
  artifact::Fetcher& fetcher;
  helm::ChartCache& charts;
  runtime::EventRecorder& events;
  const Options& options;
  Clock& clock;
  std::string instance;             // tells this run of the process from all others
  trace::Tracer* tracer = nullptr;  // null: nobody asks for traces
};

}  // namespace sluice::helm_controller
