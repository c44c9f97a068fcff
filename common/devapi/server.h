// The development API server as one object: certificates, store, router, controllers, HTTP.
//
//   auto server = DevApiServer::Start({.address = "127.0.0.1:0"});
//   WriteFile("kubeconfig", (*server)->Kubeconfig());
//
// For trying, testing and planning. It keeps everything in memory and is no place for a cluster.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/devapi/cluster.h"
#include "common/devapi/workloads/options.h"

namespace sluice::devapi {

struct DevApiServerOptions {
  std::string address = "127.0.0.1:0";  // port 0 picks a free one
  ClusterOptions cluster;
  // Objects to start with, in order; definitions of custom kinds before their objects.
  std::vector<Value> objects;
  // What TakeSnapshot() of an earlier server gave (snapshot.h); restored after `objects`.
  std::vector<Value> snapshot;
  // Garbage collection, namespaces, and with `workloads.enabled` pods and what makes them.
  bool controllers = true;
  WorkloadOptions workloads;
};

// How a client reaches the server.
struct Access {
  std::string url;  // https://127.0.0.1:port
  std::string ca_pem;
  Secret token;  // of a cluster administrator
};

// Thread-safe. Serves until destroyed.
class DevApiServer {
 public:
  virtual ~DevApiServer() = default;

  // `clock` must outlive the server.
  static absl::StatusOr<std::unique_ptr<DevApiServer>> Start(DevApiServerOptions options,
                                                             Clock& clock = RealClock());

  virtual const Access& access() const = 0;
  // A kubeconfig with the authority and the administrator's token.
  virtual std::string Kubeconfig() const = 0;
  // A client certificate for `user` in `groups`, that the server takes: {certificate, key}, PEM.
  virtual absl::StatusOr<std::pair<std::string, Secret>> ClientCertificate(
      const std::string& user, const std::vector<std::string>& groups) = 0;

  virtual Cluster& cluster() = 0;
  // Waits until the server's controllers have worked off everything written so far.
  virtual absl::Status Settle(const Context& ctx) = 0;
};

}  // namespace sluice::devapi
