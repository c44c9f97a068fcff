// TCP connections by way of a proxy, for SSH: SOCKS5 (RFC 1928, 1929) and HTTP's CONNECT.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/http/socket.h"

namespace sluice::git {

// A connection to host:port, through the proxy at `proxy_url` unless that is empty:
// "socks5://[user:password@]host[:port]" or "http://...". kInvalidArgument for another scheme,
// kUnavailable when the proxy cannot be reached or refuses, ctx.Check()'s error.
absl::StatusOr<http::FileDescriptor> DialThroughProxy(const Context& ctx,
                                                      const std::string& proxy_url,
                                                      const std::string& host, int port,
                                                      absl::Duration timeout);

}  // namespace sluice::git
