// Requests to registries: to the server that the connector finds, with credentials, and tried again
// while the registry cannot be reached.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/http/transport.h"
#include "common/oci/authorizer.h"
#include "common/oci/client.h"
#include "common/oci/connector.h"
#include "common/oci/reference.h"

namespace sluice::oci {

// What is kept of the body of a refusal.
inline constexpr size_t kMaxErrorBody = size_t{64} << 10;

// One request to a registry. The callbacks see successes only.
struct Ask {
  std::string method = "GET";
  std::string url;  // absolute, or a path below the registry
  http::Headers headers;
  std::string body = {};
  http::OnHead on_head = {};
  http::OnData on_data = {};
};

struct Answer {
  std::string url;
  http::Response response;  // with its body
};

// Thread-safe. Refusals are errors in the words of RegistryError().
class Requester {
 public:
  // What it is given outlives it. `token_transport` follows no redirects.
  Requester(const ClientOptions& options, http::Transport& transport,
            http::Transport& token_transport, Clock& clock)
      : options_(options),
        transport_(transport),
        clock_(clock),
        connector_(transport, clock, options.insecure),
        authorizer_(options, token_transport, clock) {}

  // With credentials, and once more if the registry asks for others.
  absl::Status Exchange(const Context& ctx, const Repository& repository, const Ask& ask);
  // The same with the whole body in memory, `limit` bytes at most, and tried again.
  absl::StatusOr<Answer> Fetch(const Context& ctx, const Repository& repository, Ask ask,
                               size_t limit);
  // Tries again what ends with kUnavailable, as often as the options say and `ctx` leaves time for.
  absl::Status WithRetries(const Context& ctx, const std::function<absl::Status()>& attempt);

 private:
  const ClientOptions& options_;
  http::Transport& transport_;
  Clock& clock_;
  Connector connector_;
  Authorizer authorizer_;
};

}  // namespace sluice::oci
