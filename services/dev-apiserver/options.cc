// SPDX-License-Identifier: Apache-2.0
#include "services/dev-apiserver/options.h"

namespace sluice::dev_apiserver {

void AddFlags(Command& command, Options& options) {
  command.Text("--listen", options.listen, "host:port to serve on; port 0 picks a free one",
               "DEV_APISERVER_LISTEN");
  command.Text("--write-kubeconfig", options.kubeconfig_path,
               "file to write a cluster administrator's kubeconfig to; it appears when the server "
               "is ready",
               "DEV_APISERVER_KUBECONFIG");
  command.Text("--crds", options.crds_path,
               "folder of CustomResourceDefinitions to start with (*.yaml)", "DEV_APISERVER_CRDS");
  command.Text("--seed", options.seed_path, "folder of objects to start with (*.yaml)",
               "DEV_APISERVER_SEED");
  command.Text(
      "--snapshot", options.snapshot_path,
      "folder to restore the cluster from at the start, if it is there, and to write it to "
      "at the end",
      "DEV_APISERVER_SNAPSHOT");
  command.Bool("--controllers", options.server.controllers,
               "collect garbage and look after namespaces, as kube-controller-manager does");
  command.Bool("--workloads", options.server.workloads.enabled,
               "simulate workloads: pods, jobs, volumes and load balancers become ready");
  command.Duration("--workload-ready-after", options.server.workloads.ready_after,
                   "how long simulated workloads take to become ready");
  command.Duration("--event-ttl", options.server.cluster.event_ttl, "how long Events are kept");
}

}  // namespace sluice::dev_apiserver
