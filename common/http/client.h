// The HTTP/1.1 client: keep-alive connections per origin, TLS, proxies, bounded bodies.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/secret.h"
#include "common/http/transport.h"

namespace sluice::http {

struct TlsOptions {
  std::string ca_pem;                   // empty: the system's authorities
  bool and_system_authorities = false;  // trust those too when ca_pem is given
  std::string certificate_pem;
  Secret private_key_pem;
  bool insecure_skip_verify = false;
  std::string server_name;  // empty: the URL's host
};

struct ClientOptions {
  TlsOptions tls;
  absl::Duration connect_timeout = absl::Seconds(10);
  // The longest silence while an answer is awaited or read; also bounds Send() as a whole together
  // with the context's deadline.
  absl::Duration idle_timeout = absl::Seconds(60);
  size_t max_body = size_t{256} << 20;  // Send() only
  int max_redirects = 0;  // followed for GET and HEAD; Authorization is dropped on another origin
  int max_idle_connections = 16;  // kept per origin
  // "http://", "https://" or "socks5://[user:password@]host:port" for everything. Empty: what
  // HTTP_PROXY, HTTPS_PROXY and NO_PROXY say when the client is made (proxy_rules.h).
  std::string proxy_url;
  std::string user_agent = "sluice";
};

// kInvalidArgument for certificates, keys or a proxy that do not parse. The result is thread-safe;
// requests run in the calling threads. A reused connection that turns out closed is replaced once,
// silently, for requests whose method is idempotent.
absl::StatusOr<std::unique_ptr<Transport>> CreateClient(ClientOptions options);

}  // namespace sluice::http
