// Everywhere that the controllers tell of what they do.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/e2e/cluster.h"

namespace sluice::secrets {

// The four controllers with every line of their logs, all in one namespace.
class Watched {
 public:
  explicit Watched(const std::string& temporary);

  e2e::Cluster& cluster() { return *cluster_; }

  // What is told in each place, by the place's name: logs, events, objects without their spec,
  // metrics, gRPC, the command line, files, environments.
  std::map<std::string, std::string> Told();

 private:
  void AddObjects(std::map<std::string, std::string>& told);
  void AddGrpc(std::map<std::string, std::string>& told);
  void AddCommands(std::map<std::string, std::string>& told);

  const std::string temporary_;
  std::map<std::string, std::string> metrics_, grpc_;  // addresses, by controller
  std::unique_ptr<e2e::Cluster> cluster_;
};

}  // namespace sluice::secrets
