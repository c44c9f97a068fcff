// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/workloads/node.h"

#include "common/base/status_macros.h"
#include "common/devapi/bootstrap.h"
#include "common/devapi/workloads/reconcilers.h"

namespace sluice::devapi {

absl::Status CreateNode(Cluster& cluster) {
  RETURN_IF_ERROR(
      Seed(cluster, Value{{"apiVersion", "v1"},
                          {"kind", "Node"},
                          {"metadata", Value{{"name", kNodeName},
                                             {"labels", Value{{"kubernetes.io/hostname", kNodeName},
                                                              {"kubernetes.io/os", "linux"}}}}}}));
  World world(cluster, {});
  const Place place = {"nodes", {"", kNodeName}};
  // New nodes are tainted until their kubelet reports; this one has none.
  world.Edit(
      place, [](Value& node) { node.Ensure("spec").Erase("taints"); }, "kube-controller-manager");
  const Value room = {{"cpu", "1000"}, {"memory", "1000Gi"}, {"pods", "100000"}};
  const Value address = {{"type", "InternalIP"}, {"address", "10.0.2.15"}};
  world.EditStatus(
      place,
      [&](Value& status) {
        status.Set("capacity", room);
        status.Set("allocatable", room);
        status.Set("addresses", Value(Value::Array{address}));
        status.Ensure("nodeInfo").Set("kubeletVersion", cluster.options().git_version);
        status.Ensure("nodeInfo").Set("osImage", "simulated");
        SetCondition(status,
                     Value{{"type", "Ready"},
                           {"status", "True"},
                           {"reason", "KubeletReady"},
                           {"message", "simulated node is ready"},
                           {"lastHeartbeatTime", world.timestamp()}},
                     world.timestamp());
      },
      "kubelet");
  return absl::OkStatus();
}

}  // namespace sluice::devapi
