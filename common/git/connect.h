// How a Git service is reached: the limits and the ways to get to a URL.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/git/auth.h"
#include "common/git/wire.h"
#include "common/http/transport.h"

namespace sluice::git {

struct RemoteOptions {
  size_t max_refs = 500000;                // in one listing
  uint64_t max_bytes = uint64_t{4} << 30;  // received in one listing or fetch
  absl::Duration connect_timeout = absl::Seconds(30);
  absl::Duration idle_timeout = absl::Seconds(60);
  std::string proxy_url;     // http://, https:// or socks5://; empty: the environment's
  bool allow_local = false;  // file:// URLs and absolute paths

  // SSH, see ssh_wire.h.
  std::vector<std::string> ssh_key_exchanges;
  std::vector<std::string> ssh_host_key_algorithms;

  // Used instead of a client of our own; for tests, and to keep connections between remotes. Then
  // TLS, proxy and time limits are its own.
  std::shared_ptr<http::Transport> http_transport;
};

// The HTTP client that Remote::Open() makes where it is given none. kInvalidArgument for
// certificates, keys or a proxy that cannot be used.
absl::StatusOr<std::shared_ptr<http::Transport>> CreateGitHttpClient(const Auth& auth,
                                                                     const RemoteOptions& options);

// `url` without its user info, fit for messages. What is no URL at all comes out as "<invalid
// URL>".
std::string RedactUrl(absl::string_view url);

// Makes a wire to one service of one repository, as often as it is called.
using Connector = std::function<absl::StatusOr<std::unique_ptr<Wire>>()>;

// `service` is "git-upload-pack" or "git-receive-pack". Connects to nothing. kInvalidArgument for a
// URL, key or certificate that cannot be used.
absl::StatusOr<Connector> ConnectorFor(absl::string_view url, const Auth& auth,
                                       absl::string_view service, const RemoteOptions& options);

}  // namespace sluice::git
