// Context: how long an operation may take, who may stop it, and which log lines are its own.
//
// The first parameter of everything that blocks. A context is narrowed on the way down, never
// widened: a child ends when its parent ends, or at its own earlier deadline.
//
//   absl::Status Fetch(const Context& ctx, ...) {
//     const Context attempt = ctx.WithTimeout(absl::Seconds(60));
//     RETURN_IF_ERROR(attempt.Check());
//     ...
//   }

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice {

using LogFields = std::vector<std::pair<std::string, std::string>>;

// A cheap, immutable, thread-safe value. Deadlines are wall-clock times of the Clock that the
// caller works with (common/base/clock.h).
class Context {
 public:
  // Never cancelled, no deadline. For main() and tests; everything else is handed one.
  static Context Background() { return Context(); }

  Context WithDeadline(absl::Time deadline) const;
  // Counted from the real clock's now.
  Context WithTimeout(absl::Duration timeout) const;
  // Ends also when `token` is stopped.
  Context WithStopToken(std::stop_token token) const;
  // Adds key and value to every log line written with this context.
  Context WithField(absl::string_view key, absl::string_view value) const;

  // absl::InfiniteFuture() if there is none.
  absl::Time deadline() const { return deadline_; }
  // Time left until the deadline by the real clock, never negative.
  absl::Duration remaining() const;
  bool cancelled() const;
  // OK, or kCancelled / kDeadlineExceeded when the operation should end now.
  absl::Status Check() const;

  const LogFields& fields() const;

  // Calls `callback` once when the context is cancelled (not when its deadline passes), at once if
  // it is already. Destroying the result unregisters, waiting for a running call. The callback must
  // not block.
  class Registration;
  [[nodiscard]] std::unique_ptr<Registration> OnCancel(std::function<void()> callback) const;

 private:
  Context() = default;

  absl::Time deadline_ = absl::InfiniteFuture();
  // All must be watched: the context is cancelled when any one is. Shared by copies.
  std::shared_ptr<const std::vector<std::stop_token>> tokens_;
  std::shared_ptr<const LogFields> fields_;
};

class Context::Registration {
 public:
  virtual ~Registration() = default;
};

}  // namespace sluice
