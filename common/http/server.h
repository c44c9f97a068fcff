// The HTTP/1.1 server, for artifacts, probes, metrics and the development API server.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/http/message.h"

namespace sluice::http {

// The verified client certificate's subject, empty without one.
struct PeerIdentity {
  std::string common_name;
  std::vector<std::string> organizations;
};

struct ServerRequest {
  std::string method;
  std::string path;      // decoded
  std::string raw_path;  // as received, without the query
  std::string query;     // as received, without "?"
  Headers headers;
  std::string body;
  PeerIdentity peer;
  std::string remote_address;
};

// Writes a streamed body. False when the peer is gone: stop.
using Sink = std::function<bool(absl::string_view bytes)>;

struct ServerResponse {
  int status = 200;
  Headers headers;  // Content-Type included
  std::string body;
  // If set, `body` is ignored and the body is what this writes, chunked. It runs in the
  // connection's thread until it returns; `ctx` is cancelled when the server shuts down.
  std::function<void(const Context& ctx, const Sink& sink)> stream;
};

// Runs in the connection's thread; called from many at once. `ctx` ends with the server.
using Handler = std::function<ServerResponse(const Context& ctx, const ServerRequest& request)>;

struct ServerOptions {
  std::string address;  // "host:port"; ":8080" is every interface, port 0 picks a free one
  // PEM; empty for plain HTTP.
  std::string certificate_pem;
  Secret private_key_pem;
  std::string client_ca_pem;  // client certificates are optional, verified against this when given
  size_t max_body = size_t{16} << 20;                // larger requests are answered 413
  int max_connections = 4096;                        // more wait to be accepted
  absl::Duration idle_timeout = absl::Seconds(120);  // between requests of a kept-alive connection
};

// Serves until destroyed; destruction cancels running handlers' contexts and waits for them. What
// they answer is still sent, within two seconds. A handler's exception is logged and answered 500.
class Server {
 public:
  virtual ~Server() = default;
  // kUnavailable, naming the address, if it cannot listen.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, Handler handler);
  // The port it listens on.
  virtual int port() const = 0;
};

}  // namespace sluice::http
