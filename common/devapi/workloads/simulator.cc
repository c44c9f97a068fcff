// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/workloads/simulator.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "common/devapi/workloads/reconcilers.h"

namespace sluice::devapi {
namespace {

constexpr std::pair<absl::string_view, Reconcile> kReconcilers[] = {
    {"deployments.apps", ReconcileDeployment},
    {"replicasets.apps", ReconcileReplicaSet},
    {"replicationcontrollers", ReconcileReplicaSet},
    {"statefulsets.apps", ReconcileStatefulSet},
    {"daemonsets.apps", ReconcileDaemonSet},
    {"jobs.batch", ReconcileJob},
    {"cronjobs.batch", ReconcileCronJob},
    {"pods", ReconcilePod},
    {"persistentvolumeclaims", ReconcileClaim},
    {"services", ReconcileService},
    {"ingresses.networking.k8s.io", ReconcileIngress},
    {"horizontalpodautoscalers.autoscaling", ReconcileAutoscaler},
    {"poddisruptionbudgets.policy", ReconcileDisruptionBudget},
    {"apiservices.apiregistration.k8s.io", ReconcileApiService},
};

Reconcile FindReconciler(absl::string_view storage) {
  for (const auto& [name, reconcile] : kReconcilers) {
    if (name == storage) return reconcile;
  }
  return nullptr;
}

class Simulator : public Controller {
 public:
  Simulator(Cluster& cluster, const WorkloadOptions& options) : world_(cluster, options) {}

  void Observe(const Change& change) override {
    world_.Observe(change);
    const Place place = {change.storage, change.event.object->key()};
    if (change.event.type == EventType::kDeleted) {
      later_.erase(place);
    } else if (FindReconciler(change.storage) != nullptr) {
      due_.insert(place);
    }
    // Whoever controls it, now or until now, looks again.
    for (const ObjectRef& version : {change.event.object, change.event.previous}) {
      if (version != nullptr) WakeController(version->value());
    }
    if (change.storage == "pods") WakeBudgets(std::string(change.event.object->ns()));
  }

  absl::Time Run(const Context& ctx) override {
    const absl::Time now = world_.now();
    for (auto it = later_.begin(); it != later_.end();) {
      if (it->second <= now) {
        due_.insert(it->first);
        it = later_.erase(it);
      } else {
        ++it;
      }
    }
    for (const Place& place : std::exchange(due_, {})) {
      if (ctx.cancelled()) break;
      const ObjectRef object = world_.Find(place.storage, place.key);
      if (object == nullptr) continue;
      const absl::Time again = FindReconciler(place.storage)(world_, object);
      if (again == absl::InfiniteFuture()) {
        later_.erase(place);
      } else {
        later_[place] = again;
      }
    }
    absl::Time next = absl::InfiniteFuture();
    for (const auto& [place, when] : later_) next = std::min(next, when);
    return next;
  }

 private:
  void WakeController(const Value& object) {
    for (const Value& owner : object["metadata"]["ownerReferences"].items()) {
      if (!owner["controller"].bool_or(false)) continue;
      const auto [group, version] = SplitApiVersion(owner["apiVersion"].str());
      const ResourceRef resource =
          world_.cluster().registry().Snapshot()->FindKind(group, version, owner["kind"].str());
      if (resource == nullptr || FindReconciler(resource->storage) == nullptr) continue;
      const std::string ns(object["metadata"]["namespace"].str());
      due_.insert({resource->storage, {ns, std::string(owner["name"].str())}});
    }
  }

  void WakeBudgets(const std::string& ns) {
    for (const ObjectRef& budget : world_.List("poddisruptionbudgets.policy", ns)) {
      due_.insert({"poddisruptionbudgets.policy", budget->key()});
    }
  }

  World world_;
  std::set<Place> due_;
  std::map<Place, absl::Time> later_;
};

}  // namespace

std::unique_ptr<Controller> WorkloadSimulator(Cluster& cluster, const WorkloadOptions& options) {
  return std::make_unique<Simulator>(cluster, options);
}

}  // namespace sluice::devapi
