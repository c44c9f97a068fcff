// Wire: a conversation with one Git service, whatever carries it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"

namespace sluice::git {

// Takes the answer as it comes. Over SSH an answer has no end of its own, so the sink tells when it
// has all of it.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  // An error ends the conversation with that error.
  virtual absl::Status Take(absl::string_view bytes) = 0;
  // Whether the answer is complete; what follows is not read.
  virtual bool done() const = 0;
};

// Not thread-safe. After an error a wire is of no more use. Errors name hosts and paths but never
// user info or credentials: kUnavailable (connection, truncated answer), kUnauthenticated,
// kPermissionDenied, kNotFound, kFailedPrecondition (the server refuses), ctx.Check()'s, or the
// sink's.
class Wire {
 public:
  virtual ~Wire() = default;

  // Connects and hands over the service's advertisement. First, and once.
  virtual absl::Status Advertise(const Context& ctx, AnswerSink& sink) = 0;

  // Sends a request and hands over its answer. `version` is the protocol version that the
  // advertisement announced. Over SSH nothing can be asked after a pack was sent.
  virtual absl::Status Ask(const Context& ctx, int version, absl::string_view request,
                           AnswerSink& sink) = 0;
};

}  // namespace sluice::git
