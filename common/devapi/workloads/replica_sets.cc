// Replica sets and replication controllers: as many pods as they are told.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/devapi/workloads/reconcilers.h"

namespace sluice::devapi {
namespace {

// More pods than this of one owner are not made: a simulation needs no more.
constexpr int64_t kMaxPods = 2000;

Place PlaceOf(const Object& object) {
  const bool core = object.value()["kind"].str() == "ReplicationController";
  return {core ? "replicationcontrollers" : "replicasets.apps", object.key()};
}

}  // namespace

absl::Time ReconcileReplicaSet(World& world, const ObjectRef& object) {
  if (object->deleting()) return absl::InfiniteFuture();
  const Value& set = object->value();
  const int64_t wanted = std::min(kMaxPods, set["spec"]["replicas"].int_or(1));
  std::vector<ObjectRef> pods = world.Controlled(*object, "pods");
  std::erase_if(pods, [](const ObjectRef& pod) { return !IsActive(*pod); });
  // Pods that are not ready go first.
  std::stable_sort(pods.begin(), pods.end(), [](const ObjectRef& a, const ObjectRef& b) {
    return IsReady(*a) && !IsReady(*b);
  });
  while (static_cast<int64_t>(pods.size()) > wanted) {
    world.Delete({"pods", pods.back()->key()}, /*now=*/false);
    pods.pop_back();
  }
  while (static_cast<int64_t>(pods.size()) < wanted) {
    ObjectRef pod =
        world.Create("pods", object->key().ns, PodFromTemplate(set, set["spec"]["template"], ""));
    if (pod == nullptr) break;
    pods.push_back(std::move(pod));
  }
  const auto ready = static_cast<int64_t>(
      std::count_if(pods.begin(), pods.end(), [](const ObjectRef& pod) { return IsReady(*pod); }));
  const auto total = static_cast<int64_t>(pods.size());
  world.EditStatus(PlaceOf(*object), [&](Value& status) {
    status.Set("observedGeneration", set["metadata"]["generation"]);
    status.Set("replicas", total);
    for (const auto& [field, count] :
         {std::pair<const char*, int64_t>{"fullyLabeledReplicas", total},
          {"readyReplicas", ready},
          {"availableReplicas", ready}}) {
      if (count == 0) {
        status.Erase(field);
      } else {
        status.Set(field, count);
      }
    }
  });
  return absl::InfiniteFuture();
}

}  // namespace sluice::devapi
