// The flags of dev-apiserver.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/devapi/server.h"
#include "common/flags/command.h"

namespace sluice::dev_apiserver {

struct Options {
  std::string listen = "127.0.0.1:6443";
  std::string kubeconfig_path;
  std::string crds_path;
  std::string seed_path;
  std::string snapshot_path;
  devapi::DevApiServerOptions server;
};

void AddFlags(Command& command, Options& options);

}  // namespace sluice::dev_apiserver
