// A development API server in the test's process, and a client of it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/base/context.h"
#include "common/devapi/server.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/kube_testing/counting_client.h"
#include "common/value/value.h"

namespace sluice::kube_testing {

// Everything about it ends the test's process when it fails: a test cannot go on without.
class ApiServer {
 public:
  ApiServer();

  CountingClient& client() { return client_; }
  kube::Discovery& discovery() { return discovery_; }
  const Context& ctx() const { return ctx_; }  // ends after 30 seconds

  // The live object that the YAML manifest names, null if there is none. Not counted.
  Value Live(const std::string& manifest);
  // Applies the YAML manifest as `manager`, as somebody else would. Not counted.
  void Write(const std::string& manifest, const std::string& manager);

 private:
  std::unique_ptr<devapi::DevApiServer> server_;
  std::unique_ptr<kube::Client> http_;
  CountingClient client_;
  kube::Discovery discovery_;
  Context ctx_;
};

}  // namespace sluice::kube_testing
