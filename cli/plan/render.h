// Rendering one unit, with the controllers' own code.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "cli/plan/charts.h"
#include "cli/plan/cluster_plan.h"
#include "cli/plan/memo.h"
#include "cli/plan/sources.h"
#include "common/age/identity.h"
#include "common/base/context.h"
#include "common/helm/capabilities.h"

namespace sluice::plan {

// What units are rendered in and with; all but `plan` and `sources` are shared by revisions.
struct World {
  const ClusterPlan& plan;  // what is rendered so far
  Sources& sources;
  Charts& charts;
  Memo& memo;
  const age::Identities& keys;             // that decrypt what SOPS encrypted
  const helm::Capabilities& capabilities;  // of the cluster, without definitions of the plan
  // References that cannot be followed are left out from now on, with a finding; until then they
  // may come with units that are still to be rendered.
  bool last_resort = false;
};

// Renders `unit`, whose object is set, and fills in everything else; what goes wrong is a finding.
// False, with nothing done, if it refers to what is not there and may still come.
bool RenderKustomization(const Context& ctx, const World& world, Unit& unit);
bool RenderHelmRelease(const Context& ctx, const World& world, Unit& unit);

}  // namespace sluice::plan
