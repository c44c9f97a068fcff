// A controller all of whose kinds are still to come: it runs on the common runtime, subscribes to
// artifact events, serves the API, and says in its objects' Ready condition that nothing reconciles
// them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace sluice::controller_rpc {

struct UnsupportedController {
  std::string name;         // "helm-controller"
  std::string description;  // for --help
  std::vector<std::string> kinds;
  std::vector<std::string> source_kinds;  // whose artifact events it listens to
};

// Runs until a signal; the exit code.
int RunUnsupportedController(const UnsupportedController& controller, int argc,
                             const char* const* argv);

}  // namespace sluice::controller_rpc
