// How one reconciliation of a source ended (spec/source.md §7.2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace sluice::source_controller {

struct [[nodiscard]] Outcome {
  enum class Kind {
    kSuccess,
    kSuspended,  // nothing was done, and nothing is to be done until the object changes
    kNoChange,   // upstream is what it was: success without news
    kFailed,     // trying again may help
    kStalled,    // only a change of the object helps
    kWaiting,    // something else must be there first
    kAgain,      // the same, but nobody is told: tried again under the back-off
  };

  static Outcome Success() { return {Kind::kSuccess, "", {}, {}}; }
  static Outcome Suspended() { return {Kind::kSuspended, "", {}, {}}; }
  static Outcome NoChange(std::string reason, std::string message) {
    return {Kind::kNoChange, std::move(reason), absl::UnknownError(message), {}};
  }
  static Outcome Failed(std::string reason, absl::Status error) {
    return {Kind::kFailed, std::move(reason), std::move(error), {}};
  }
  static Outcome Stalled(std::string reason, absl::Status error) {
    return {Kind::kStalled, std::move(reason), std::move(error), {}};
  }
  static Outcome Waiting(std::string reason, absl::Status error, absl::Duration wait) {
    return {Kind::kWaiting, std::move(reason), std::move(error), wait};
  }
  static Outcome Again() { return {Kind::kAgain, "", {}, {}}; }

  bool succeeded() const { return kind == Kind::kSuccess || kind == Kind::kNoChange; }

  Kind kind;
  std::string reason;
  absl::Status error;   // kNoChange: carries the message only
  absl::Duration wait;  // kWaiting
};

}  // namespace sluice::source_controller
