// What all reconciliations of HelmReleases share.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/artifact/fetcher.h"
#include "common/base/clock.h"
#include "common/helm/chart_cache.h"
#include "common/helm_release/revision_index.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/remote_cluster/clusters.h"
#include "common/runtime/events.h"
#include "common/trace/tracer.h"
#include "services/helm-controller/action/capabilities.h"
#include "services/helm-controller/helm_release/action_lease.h"
#include "services/helm-controller/helm_release/release_memory.h"
#include "services/helm-controller/helm_release/source_stores.h"
#include "services/helm-controller/helm_release/watched_owners.h"
#include "services/helm-controller/options.h"

namespace sluice::helm_controller {

// All must outlive what uses it, and is thread-safe.
struct Services {
  kube::Client& client;  // as the controller itself
  kube::Discovery& discovery;
  remote_cluster::Clusters& clusters;
  CapabilitiesCache& capabilities;
  artifact::Fetcher& fetcher;
  helm::ChartCache& charts;
  runtime::EventRecorder& events;
  const Options& options;
  Clock& clock;
  ActionLease& lease;
  SourceStores& sources;
  ReleaseMemory& memory;
  const helm_release::RevisionIndex* revisions;  // null: every look at a release reads it
  WatchedOwners& owners;
  trace::Tracer* tracer = nullptr;  // null: nobody asks for traces
};

}  // namespace sluice::helm_controller
