// Daemon sets: a pod on every node, of which there is one.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "common/devapi/workloads/reconcilers.h"

namespace sluice::devapi {
namespace {

constexpr char kRevisionLabel[] = "controller-revision-hash";

// Whether the template asks for a node that the simulated one is not.
bool Fits(const Value& pod_spec) {
  for (const value::Member& label : pod_spec["nodeSelector"].members()) {
    const bool os = label.key == "kubernetes.io/os" && label.value.str() == "linux";
    const bool host = label.key == "kubernetes.io/hostname" && label.value.str() == kNodeName;
    if (!os && !host) return false;
  }
  return true;
}

}  // namespace

absl::Time ReconcileDaemonSet(World& world, const ObjectRef& object) {
  if (object->deleting()) return absl::InfiniteFuture();
  const Value& set = object->value();
  const std::string hash = ContentHash(set["spec"]["template"]);
  const int64_t wanted = Fits(set["spec"]["template"]["spec"]) ? 1 : 0;
  int64_t scheduled = 0;
  int64_t updated = 0;
  int64_t ready = 0;
  for (const ObjectRef& pod : world.Controlled(*object, "pods")) {
    if (!IsActive(*pod)) continue;
    const bool current = pod->value()["metadata"]["labels"][kRevisionLabel].str() == hash;
    const bool on_delete = set["spec"]["updateStrategy"]["type"].str() == "OnDelete";
    if (scheduled >= wanted || (!current && !on_delete)) {
      world.Delete({"pods", pod->key()}, /*now=*/false);
      continue;
    }
    ++scheduled;
    updated += current ? 1 : 0;
    ready += IsReady(*pod) ? 1 : 0;
  }
  if (scheduled < wanted) {
    Value pod = PodFromTemplate(set, set["spec"]["template"], "");
    pod.Ensure("metadata").Ensure("labels").Set(kRevisionLabel, hash);
    if (world.Create("pods", object->key().ns, std::move(pod)) != nullptr) {
      ++scheduled;
      ++updated;
    }
  }
  world.EditStatus({"daemonsets.apps", object->key()}, [&](Value& status) {
    status.Set("observedGeneration", set["metadata"]["generation"]);
    status.Set("currentNumberScheduled", scheduled);
    status.Set("desiredNumberScheduled", wanted);
    status.Set("numberMisscheduled", 0);
    status.Set("numberReady", ready);
    for (const auto& [field, count] :
         {std::pair<const char*, int64_t>{"updatedNumberScheduled", updated},
          {"numberAvailable", ready},
          {"numberUnavailable", wanted - ready}}) {
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
