// How one reconciliation of an image kind ended.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice::image_controller {

struct [[nodiscard]] Outcome {
  enum class Kind {
    kSuccess,
    kSuspended,  // nothing was done
    kFailed,     // trying again may help
    kStalled,    // only a change of the object helps
    kWaiting,    // something else must be there first
    kAgain,      // the same, but it may be there any moment: nobody is told yet
  };

  // `message` becomes Ready's; the next run is after `wait`.
  static Outcome Success(std::string message, absl::Duration wait) {
    return {Kind::kSuccess, "Succeeded", std::move(message), absl::OkStatus(), wait};
  }
  static Outcome Suspended() {
    return {Kind::kSuspended, "", "", absl::OkStatus(), absl::InfiniteDuration()};
  }
  static Outcome Failed(absl::string_view reason, absl::Status error) {
    std::string message(error.message());
    return {Kind::kFailed, std::string(reason), std::move(message), std::move(error), {}};
  }
  static Outcome Stalled(absl::string_view reason, absl::string_view message) {
    return {Kind::kStalled, std::string(reason), std::string(message),
            absl::FailedPreconditionError(message), absl::InfiniteDuration()};
  }
  static Outcome Waiting(absl::string_view reason, absl::string_view message, absl::Duration wait) {
    return {Kind::kWaiting, std::string(reason), std::string(message),
            absl::UnavailableError(message), wait};
  }
  static Outcome Again(absl::Duration wait) {
    return {Kind::kAgain, "", "", absl::OkStatus(), wait};
  }

  Kind kind;
  std::string reason;
  std::string message;
  absl::Status error;
  absl::Duration wait;
};

}  // namespace sluice::image_controller
