// The Client that talks to a real API server.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/http/transport.h"
#include "common/kube/client.h"
#include "common/kube/kubeconfig.h"

namespace sluice::kube {

struct HttpClientOptions {
  std::string user_agent = "sluice";
  // Tries of one request that the server asks to repeat (429 or 503 with Retry-After).
  int max_attempts = 3;
};

// kInvalidArgument if the configuration's certificates do not parse.
absl::StatusOr<std::unique_ptr<Client>> CreateHttpClient(const ClusterConfig& config,
                                                         const HttpClientOptions& options = {});

// The same over a given transport; `transport` must outlive the result. For tests.
std::unique_ptr<Client> CreateHttpClient(const ClusterConfig& config,
                                         const HttpClientOptions& options,
                                         http::Transport& transport);

}  // namespace sluice::kube
