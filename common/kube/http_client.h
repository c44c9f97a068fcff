// The Client that talks to a real API server.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/http/transport.h"
#include "common/kube/client.h"
#include "common/kube/kubeconfig.h"

namespace sluice::kube {

struct HttpClientOptions {
  std::string user_agent = "sluice";
  // Bounds everything but watches, together with the context's deadline. Longer than any answer
  // takes.
  absl::Duration request_timeout = absl::Seconds(60);
  // Tries of one request that the server asks to repeat (429 or 503 with Retry-After).
  int max_attempts = 3;
  // Asks for the metadata of objects in place of the whole: lists and watches are of that alone.
  bool metadata_only = false;
  // Called with every answer's method and code, from the threads that ask; 0 if there was none.
  std::function<void(absl::string_view method, int code)> on_answer;
};

// kInvalidArgument if the configuration's certificates do not parse.
absl::StatusOr<std::unique_ptr<Client>> CreateHttpClient(const ClusterConfig& config,
                                                         const HttpClientOptions& options = {});

// The same over a given transport; `transport` must outlive the result. For tests.
std::unique_ptr<Client> CreateHttpClient(const ClusterConfig& config,
                                         const HttpClientOptions& options,
                                         http::Transport& transport);

// Answers that are text rather than objects, such as a pod's log: gives the pieces to `sink` as
// they come, until the server ends or `ctx` does. An error of `sink` ends it and is returned.
absl::Status StreamText(const Context& ctx, const ClusterConfig& config, const ApiRequest& request,
                        const std::function<absl::Status(absl::string_view)>& sink);

}  // namespace sluice::kube
