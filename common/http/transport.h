// Transport: the seam between everything that speaks HTTP and the network. Production code gets a
// Client (client.h); tests hand in fakes and fault injectors.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/http/message.h"

namespace sluice::http {

// Called once with status and headers (body empty) before any body bytes. Returning an error ends
// the exchange with that error.
using OnHead = std::function<absl::Status(const Response& head)>;
// Called with each piece of the body as it arrives.
using OnData = std::function<absl::Status(absl::string_view bytes)>;

// Thread-safe.
class Transport {
 public:
  virtual ~Transport() = default;

  // One exchange; every status code is a response, not an error. Errors: kUnavailable (connection,
  // TLS, truncated answer), ctx.Check()'s, kResourceExhausted (body larger than the client's
  // limit).
  virtual absl::StatusOr<Response> Send(const Context& ctx, const Request& request) = 0;

  // The same without holding the body: for downloads and watches. Returns when the body ends.
  // No body limit; silence longer than the client's idle timeout is kUnavailable.
  virtual absl::Status Stream(const Context& ctx, const Request& request, OnHead on_head,
                              OnData on_data) = 0;
};

}  // namespace sluice::http
