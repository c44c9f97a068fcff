// Git over smart HTTP (gitprotocol-http).
//
// Only the first request may be redirected, never from https to http; credentials do not follow to
// another host or port (go-git 5's rules, which are Flux's).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/git/auth.h"
#include "common/git/wire.h"
#include "common/http/message.h"
#include "common/http/transport.h"

namespace sluice::git {

// `service` is "git-upload-pack" or "git-receive-pack". TLS options and proxy are the transport's.
std::unique_ptr<Wire> CreateHttpWire(std::shared_ptr<http::Transport> transport,
                                     const http::Url& url, const Auth& auth,
                                     absl::string_view service);

}  // namespace sluice::git
