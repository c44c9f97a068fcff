// What every action on a release works with: the cluster under the release's identity, and where
// its revisions are kept.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "common/base/clock.h"
#include "common/helm_release/storage.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/ssa/health_rules.h"
#include "common/ssa/live_view.h"
#include "services/helm-controller/action/action_log.h"
#include "services/helm-controller/action/capabilities.h"
#include "services/helm-controller/action/change_counter.h"

namespace sluice::helm_controller {

inline constexpr char kFieldManager[] = "helm-controller";

// All must outlive the actions.
struct Environment {
  kube::Client& client;
  kube::Discovery& discovery;
  const std::string& cluster;  // its remote_cluster::Cluster::id
  CapabilitiesCache& capabilities;
  helm_release::Storage& storage;
  const ssa::HealthRules& health;
  ActionLog& log;
  Clock& clock;
  ssa::LiveView* live;     // null: objects have to be read
  ChangeCounter& changes;  // counts when `live` shows others of the release's objects
  // Called when an action begins to wait for something, each time; may be null.
  std::function<void()> before_waiting;
  // Waits for the release's own objects end when `changes` is superseded.
  bool cancels_waits = false;
  // The release's own objects are waited for by the rules of Helm 3 (helm3_readiness.h).
  bool helm3_readiness = false;

  // The present time as Helm stores it.
  std::string Now() const;
};

}  // namespace sluice::helm_controller
