// What every action on a release works with: the cluster under the release's identity, and where
// its revisions are kept.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/helm_release/storage.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "services/helm-controller/action/action_log.h"
#include "services/helm-controller/action/capabilities.h"
#include "services/helm-controller/action/health_rules.h"

namespace sluice::helm_controller {

inline constexpr char kFieldManager[] = "helm-controller";

// All must outlive the actions.
struct Environment {
  kube::Client& client;
  kube::Discovery& discovery;
  const std::string& cluster;  // its remote_cluster::Cluster::id
  CapabilitiesCache& capabilities;
  helm_release::Storage& storage;
  const HealthRules& health;
  ActionLog& log;
  Clock& clock;

  // The present time as Helm stores it.
  std::string Now() const;
};

}  // namespace sluice::helm_controller
