// The simulated controllers, one function per kind. Each is level-based: it looks at the object and
// what it controls and moves both one step on; it is called again when any of them changes.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/devapi/workloads/world.h"

namespace sluice::devapi {

// Returns when to come back without a change; absl::InfiniteFuture() if there is nothing to wait
// for.
using Reconcile = absl::Time (*)(World& world, const ObjectRef& object);

absl::Time ReconcileDeployment(World& world, const ObjectRef& object);
absl::Time ReconcileReplicaSet(World& world, const ObjectRef& object);  // and ReplicationController
absl::Time ReconcileStatefulSet(World& world, const ObjectRef& object);
absl::Time ReconcileDaemonSet(World& world, const ObjectRef& object);
absl::Time ReconcileJob(World& world, const ObjectRef& object);
absl::Time ReconcileCronJob(World& world, const ObjectRef& object);
absl::Time ReconcilePod(World& world, const ObjectRef& object);
absl::Time ReconcileClaim(World& world, const ObjectRef& object);
absl::Time ReconcileService(World& world, const ObjectRef& object);
absl::Time ReconcileIngress(World& world, const ObjectRef& object);
absl::Time ReconcileAutoscaler(World& world, const ObjectRef& object);
absl::Time ReconcileDisruptionBudget(World& world, const ObjectRef& object);
absl::Time ReconcileApiService(World& world, const ObjectRef& object);

// The node that every simulated pod runs on.
inline constexpr char kNodeName[] = "sluice-dev";

// A pod of `owner` from its template, with `name` or a generated one. Annotations that decide its
// fate are taken over from the owner.
Value PodFromTemplate(const Value& owner, const Value& pod_template, const std::string& name);

bool IsReady(const Object& pod);
// Pods that count: not on their way out and not finished.
bool IsActive(const Object& pod);

}  // namespace sluice::devapi
