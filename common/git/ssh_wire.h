// Git over SSH, through libssh: one connection, one channel that runs the service.
//
// libssh and not the libssh2 that libgit2 brings: Debian 12's libssh2 1.10 signs with RSA keys by
// SHA-1 only, which OpenSSH 8.8 and the hosting services refuse (docs/adr/0012).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/git/auth.h"
#include "common/git/wire.h"
#include "common/http/message.h"

namespace sluice::git {

struct SshOptions {
  // Replace what is offered to the server, in order of preference; empty: what libssh holds safe,
  // and host key types as known_hosts lists them.
  std::vector<std::string> key_exchanges;
  std::vector<std::string> host_key_algorithms;
  absl::Duration connect_timeout = absl::Seconds(30);
  // The longest silence of the other side.
  absl::Duration idle_timeout = absl::Seconds(60);
  std::string proxy_url;  // http:// or socks5://; empty: ALL_PROXY, unless NO_PROXY
};

// kInvalidArgument for an identity or known_hosts that do not parse, or an encrypted identity
// without its passphrase. Connects in Advertise(). A host key that known_hosts does not list ends
// the conversation with kPermissionDenied, "ssh: handshake failed: knownhosts: ...", before any
// credential is used; an identity that the server does not take with kUnauthenticated, "ssh: unable
// to authenticate ...".
absl::StatusOr<std::unique_ptr<Wire>> CreateSshWire(const http::Url& url, const Auth& auth,
                                                    absl::string_view service,
                                                    const SshOptions& options);

}  // namespace sluice::git
