// The gRPC server that every controller runs: health, reflection, TLS and limits around the
// services that it is given.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/server_call.h"
#include "common/rpc/tls.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace sluice::rpc {

struct ServerOptions {
  std::string address;  // "host:port"; ":9090" is every interface, port 0 picks a free one
  // Empty for plain text. With authorities, client certificates are verified against them.
  TlsFiles tls;
  bool require_client_certificate = false;  // with authorities only
  bool reflection = true;                   // where the library for it was there to build with
  size_t max_message = size_t{4} << 20;     // received; larger ones fail with RESOURCE_EXHAUSTED
  int max_streams_per_connection = 1000;
  // Each running call of the synchronous interface has one; more calls fail with
  // RESOURCE_EXHAUSTED.
  int max_threads = 500;
  absl::Duration keepalive_time = absl::Seconds(30);     // a silent connection is pinged
  absl::Duration keepalive_timeout = absl::Seconds(10);  // and closed without an answer
};

struct NamedService {
  std::string name;  // in full, as the generated service_full_name() gives it; for health checks
  grpc::Service* service = nullptr;
};

// Serves until destroyed. Destruction reports not serving, cancels the contexts of running calls
// (`calls`), gives them two seconds, then cuts their connections and waits for the handlers.
class Server {
 public:
  virtual ~Server() = default;

  // `calls` and the services outlive the server. kUnavailable, naming the address, if it cannot
  // listen; kInvalidArgument, naming the file, for certificates that cannot be used. grpc.health.v1
  // is served beside the services: "" and every service are SERVING from the start.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, RunningCalls& calls,
                                                       const std::vector<NamedService>& services);

  // The port it listens on.
  virtual int port() const = 0;

  // What grpc.health.v1 says about `service` (a full name, "" for the whole server).
  virtual void SetServing(absl::string_view service, bool serving) = 0;
};

}  // namespace sluice::rpc
