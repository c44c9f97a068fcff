// `sluice get`: objects of our kinds and whether they are ready (spec/cli.md §2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/connection.h"

namespace sluice::cli {

struct GetOptions {
  ConnectionOptions connection;
  std::vector<std::string> words;  // kinds and name, as typed
  bool all_namespaces = false;
  bool watch = false;
  bool no_header = false;
  std::string label_selector;
  std::string status_selector;
  std::string output;                // "", "wide", "json", "yaml", "name"
  std::vector<std::string> servers;  // gRPC addresses of controllers; empty: the Kubernetes API
};

absl::Status Get(const Context& ctx, Connection& connection, const GetOptions& options);

// The same from the controllers at `options.servers`, without a cluster connection.
absl::Status GetFromServers(const Context& ctx, const GetOptions& options);

}  // namespace sluice::cli
