// `sluice tree`.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/connection.h"

namespace sluice::cli {

struct TreeOptions {
  ConnectionOptions connection;
  std::vector<std::string> words;
  bool all_namespaces = false;
  bool watch = false;
  bool until_ready = false;
  std::string until_revision;
  std::string output;  // "" or "json"
};

absl::Status Tree(const Context& ctx, Connection& connection, const TreeOptions& options);

}  // namespace sluice::cli
