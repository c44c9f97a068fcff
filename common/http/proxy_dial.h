// TCP connections by way of a proxy: SOCKS5 (RFC 1928, 1929) and HTTP's CONNECT.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/http/message.h"
#include "common/http/socket.h"

namespace sluice::http {

// A connection to host:port through `proxy`: "socks5://[user:password@]host[:port]" or
// "http://...". kInvalidArgument for another scheme, kUnavailable when the proxy cannot be reached
// or refuses, ctx.Check()'s error.
absl::StatusOr<FileDescriptor> DialThroughProxy(const Context& ctx, const Url& proxy,
                                                const std::string& host, int port,
                                                absl::Duration timeout);

}  // namespace sluice::http
